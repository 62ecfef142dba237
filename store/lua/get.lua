-- Read a job, and register a waiter if the job is not final. Both are one step, so the job cannot become
-- final between them without a wake-up.
-- args: id, owner, reply ('' to register no waiter), outcome_max (bytes)
-- Returns the public fields, or false if the owner has no such job. Instead of an outcome that is larger than
-- outcome_max, the fields contain its size.
local record = redis.call('HMGET', job_key(args.id), 'status', 'owner')
if record[2] ~= args.owner then return false end
if args.reply ~= '' and (record[1] == 'queued' or record[1] == 'running') then add_waiter(args.id, args.reply) end
local size = redis.call('HSTRLEN', job_key(args.id), 'outcome')
if size <= args.outcome_max then return public_fields(args.id) end
-- The outcome is the last of FIELDS.
local fields = redis.call('HMGET', job_key(args.id), unpack(FIELDS, 1, #FIELDS - 1))
fields[#FIELDS] = size
return fields
