-- Cancel a job. queued | running -> cancelled.
-- args: id, owner, result_ttl
-- Returns the public fields, 'final' if the job was already final, or false if the owner has no such job.
local record = record_of(args.id)
local status, owner = record[1], record[2]
if owner ~= args.owner then return false end
if status == 'queued' then
  dequeue(args.id, record)
elseif status == 'running' then
  -- The worker that runs the job kills it at the next renewal of the lease.
  remove_running(args.id, owner)
else
  return 'final'
end
return notify(finalize(args.id, record, 'cancelled', '', '', args.result_ttl))
