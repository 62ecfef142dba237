-- Put a running job back into its queue, for a stopping worker. running -> queued.
-- The attempt does not count, because neither the sandbox nor the worker failed.
-- args: id, token
-- Returns 1, or 0 if the token does not belong to the latest claim.
local record = redis.call('HMGET', job_key(args.id), 'status', 'token', 'owner')
if record[1] ~= 'running' or tonumber(record[2]) ~= args.token then return 0 end
redis.call('HINCRBY', job_key(args.id), 'attempts', -1)
requeue(args.id, record[3])
count('released')
return notify(1)
