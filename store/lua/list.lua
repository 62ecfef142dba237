-- List the jobs of an owner: all of them, the newest first, or the jobs with the given ids in their order.
-- args: owner, ids (optional), after (a position, '' for the beginning), limit (jobs), page_bytes (bytes of
--   outcomes)
-- A position is a submission number, or with `ids` an index counted from 1.
-- Returns {position, {id, public fields}…}. The position is that of the last job examined, '' on the last page.
local candidates = {}
if args.ids then
  local first = (tonumber(args.after) or 0) + 1
  for i = first, math.min(#args.ids, first + args.limit) do
    candidates[#candidates + 1] = {args.ids[i], tostring(i)}
  end
else
  local below = args.after == '' and '+inf' or '(' .. args.after
  local found = redis.call('ZREVRANGEBYSCORE', owner_key(args.owner, 'jobs'), below, '-inf', 'WITHSCORES',
    'LIMIT', 0, args.limit + 1)
  for i = 1, #found, 2 do candidates[#candidates + 1] = {found[i], found[i + 1]} end
end

local page, bytes = {''}, 0
for i, candidate in ipairs(candidates) do
  local id = candidate[1]
  -- A record may have expired before the reconciler removes its job from the owner's list.
  local owned = redis.call('HGET', job_key(id), 'owner') == args.owner
  if owned then bytes = bytes + redis.call('HSTRLEN', job_key(id), 'outcome') end
  if i > args.limit or (#page > 1 and bytes > args.page_bytes) then
    page[1] = candidates[i - 1][2]
    break
  end
  if owned then page[#page + 1] = {id, public_fields(id)} end
end
return page
