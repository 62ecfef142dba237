-- Add a snapshot to the history, unless it has one of this minute by the clock of Redis.
-- args: every_ms, most (snapshots that are kept), seconds (for which they are kept if no other follows)
-- Returns 1, or 0 if nothing was added.
local latest = redis.call('LINDEX', HISTORY, 0)
local at = latest and tonumber(string.match(latest, '^%d+'))
if at and math.floor(at / args.every_ms) == math.floor(now / args.every_ms) then return 0 end
redis.call('LPUSH', HISTORY, snapshot())
redis.call('LTRIM', HISTORY, 0, args.most - 1)
redis.call('EXPIRE', HISTORY, args.seconds)
return 1
