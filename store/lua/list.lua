-- List the jobs of an owner: all of them, the newest first, or the jobs with the given ids in their order.
-- args: owner, ids (optional), statuses (optional), after (a position, '' for the beginning), limit (jobs),
--   examined_max (jobs that are looked at, so that a rare status costs no more), page_bytes (bytes of outcomes)
-- A position is a submission number, or with `ids` an index counted from 1.
-- Returns {position, {id, public fields}…}. The position is that of the last job examined, '' on the last page.
-- With `ids`, a job of the owner with another status is {id}.
local candidates = {}
if args.ids then
  for i = (tonumber(args.after) or 0) + 1, #args.ids do
    candidates[#candidates + 1] = {args.ids[i], tostring(i)}
  end
else
  local below = args.after == '' and '+inf' or '(' .. args.after
  local found = redis.call('ZREVRANGEBYSCORE', owner_key(args.owner, 'jobs'), below, '-inf', 'WITHSCORES',
    'LIMIT', 0, args.examined_max + 1)
  for i = 1, #found, 2 do candidates[#candidates + 1] = {found[i], found[i + 1]} end
end

local wanted = {}
for _, status in ipairs(args.statuses or {}) do wanted[status] = true end

local page, listed, bytes = {''}, 0, 0
for i, candidate in ipairs(candidates) do
  local id = candidate[1]
  local record = redis.call('HMGET', job_key(id), 'owner', 'status')
  -- A record may have expired before the reconciler removes its job from the owner's list.
  local owned = record[1] == args.owner
  local matches = owned and (not args.statuses or wanted[record[2]])
  if matches then
    listed, bytes = listed + 1, bytes + redis.call('HSTRLEN', job_key(id), 'outcome')
  end
  if i > args.examined_max or listed > args.limit or (listed > 1 and bytes > args.page_bytes) then
    page[1] = candidates[i - 1][2]
    break
  end
  if matches then
    page[#page + 1] = {id, public_fields(id)}
  elseif owned and args.ids then
    page[#page + 1] = {id}
  end
end
return page
