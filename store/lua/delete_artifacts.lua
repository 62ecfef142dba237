-- Delete the artifacts of a job. Its outcome still lists them.
-- args: id, owner
-- Returns 1, or false if the owner has no such job.
local record = redis.call('HMGET', job_key(args.id), 'owner', 'bytes')
if record[1] ~= args.owner then return false end
local freed = artifacts_bytes(args.id)
if freed == 0 then return 1 end
local bytes = record[2] - freed
redis.call('DEL', artifacts_key(args.id))
redis.call('HSET', job_key(args.id), 'bytes', bytes)
local expires = redis.call('ZSCORE', FINAL, final_member(args.id, record[2], args.owner))
redis.call('ZREM', FINAL, final_member(args.id, record[2], args.owner))
redis.call('ZADD', FINAL, expires, final_member(args.id, bytes, args.owner))
add_bytes(args.owner, 'kept', -freed)
return 1
