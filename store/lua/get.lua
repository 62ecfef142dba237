-- Read a job, and register a waiter if the job is not final. Both are one step, so the job cannot become
-- final between them without a wake-up.
-- args: id, owner, reply ('' to register no waiter)
-- Returns the public fields, or false if the owner has no such job.
local record = redis.call('HMGET', job_key(args.id), 'status', 'owner')
if record[2] ~= args.owner then return false end
if args.reply ~= '' and (record[1] == 'queued' or record[1] == 'running') then add_waiter(args.id, args.reply) end
return public_fields(args.id)
