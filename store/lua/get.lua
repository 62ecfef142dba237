-- Read a job, and register a waiter if the job is not final. Both are one step, so the job cannot become
-- final between them without a wake-up.
-- args: id, owner, reply ('' to register no waiter), outcome_max (bytes)
-- Returns the public fields, or false if the owner has no such job. Instead of an outcome that is larger than
-- outcome_max, the fields contain its size.
local key = job_key(args.id)
-- The outcome is the last of FIELDS.
local fields = redis.call('HMGET', key, 'owner', 'waiters', unpack(FIELDS, 1, #FIELDS - 1))
if table.remove(fields, 1) ~= args.owner then return false end
local waiters = table.remove(fields, 1)
fields[#FIELDS] = false
if fields[1] == 'queued' or fields[1] == 'running' then
  if args.reply ~= '' then add_waiter(args.id, waiters, args.reply) end
  return fields
end
local size = redis.call('HSTRLEN', key, 'outcome')
if size > args.outcome_max then
  fields[#FIELDS] = size
elseif size > 0 then
  fields[#FIELDS] = redis.call('HGET', key, 'outcome')
end
return fields
