-- Read an artifact of a final job.
-- args: id, owner, path, content_max (bytes)
-- Returns {its content, its SHA-256}, or false if the owner's job has no such artifact. Instead of a content that
-- is larger than content_max, the answer has its size.
if redis.call('HGET', job_key(args.id), 'owner') ~= args.owner then return false end
local key = artifacts_key(args.id)
local digest = redis.call('HGET', key, '/' .. args.path)
if not digest then return false end
local size = redis.call('HSTRLEN', key, args.path)
return {size > args.content_max and size or redis.call('HGET', key, args.path), digest}
