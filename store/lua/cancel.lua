-- Cancel a job. queued | running -> cancelled.
-- args: id, owner, result_ttl
-- Returns {1 or 0 (the job was already final), the public fields}, or false if the owner has no such job.
local record = redis.call('HMGET', job_key(args.id), 'status', 'owner', 'class')
local status, owner, class = record[1], record[2], record[3]
if owner ~= args.owner then return false end
if status == 'queued' then
  dequeue(args.id, class, owner)
elseif status == 'running' then
  -- The worker that runs the job kills it at the next renewal of the lease.
  remove_running(args.id, owner)
else
  return {0, public_fields(args.id)}
end
finalize(args.id, owner, 'cancelled', '', '', args.result_ttl)
return notify({1, public_fields(args.id)})
