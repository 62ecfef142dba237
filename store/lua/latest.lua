-- Read the latest jobs of an owner, without their outcomes.
-- args: owner, limit
-- Returns {id, the values of SUMMARY_FIELDS}…, the newest first.
local jobs = {}
for _, id in ipairs(redis.call('ZREVRANGE', owner_key(args.owner, 'jobs'), 0, args.limit - 1)) do
  local record = redis.call('HMGET', job_key(id), unpack(SUMMARY_FIELDS))
  -- A record may have expired before the reconciler removes its job from the owner's list.
  if record[1] then jobs[#jobs + 1] = {id, unpack(record, 1, #SUMMARY_FIELDS)} end
end
return jobs
