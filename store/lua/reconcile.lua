-- Requeue jobs whose worker was lost, end jobs that waited too long, and clean up after expired records and an
-- earlier version.
-- args: lock_ms (how long no other worker may reconcile, 0 for no lock), judge_leases, attempts (their maximum),
--   result_ttl, and the arguments of is_at_maximum()
-- Returns {jobs requeued, jobs ended as lost, jobs ended as expired}, or false if another worker has just
-- reconciled.
if args.lock_ms > 0 and not redis.call('SET', RECONCILER, now, 'NX', 'PX', args.lock_ms) then return false end
local requeued, lost, expired = 0, 0, 0

-- Return the due members of a sorted set. Bounded, so that no script blocks Redis for long.
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, MOST_RECONCILED) end

if args.judge_leases then
  for _, id in ipairs(due(RUNNING)) do
    local record = record_of(id)
    local owner = record[2]
    if record[1] ~= 'running' then
      redis.call('ZREM', RUNNING, id)
    elseif tonumber(redis.call('HGET', job_key(id), 'attempts')) < args.attempts then
      requeue(id, owner)
      requeued = requeued + 1
    else
      remove_running(id, owner)
      -- The worker may still be alive. A new token makes the store refuse its late outcome.
      redis.call('HINCRBY', job_key(id), 'token', 1)
      if redis.call('HEXISTS', job_key(id), 'run') == 1 then void_output(id) end
      finalize(id, record, 'failed', LOST, 'sandbox_failure', args.result_ttl)
      lost = lost + 1
    end
  end
end

for _, id in ipairs(due(QUEUED)) do
  local record = record_of(id)
  if record[1] ~= 'queued' then
    redis.call('ZREM', QUEUED, id)
  else
    dequeue(id, record)
    finalize(id, record, 'failed', EXPIRED, 'expired', args.result_ttl)
    expired = expired + 1
  end
end

-- Remove jobs whose record has expired from their owner's list and bytes.
for _, member in ipairs(due(FINAL)) do
  local id, bytes, owner = string.match(member, '^(%S+) (%d+) (.*)$')
  redis.call('ZREM', owner_key(owner, 'jobs'), id)
  redis.call('ZREM', FINAL, member)
  add_bytes(owner, 'kept', -bytes)
end

-- Version 0.2.0 keeps the rotation in a list and the capped owners in a set. While one of its processes still runs,
-- it puts owners there. Here they get the turn of their next job.
local function adopt(owners)
  for _, owner in ipairs(owners) do
    local first = redis.call('ZRANGE', queue_key(owner, STDLIB), 0, 0, 'WITHSCORES')
    if first[1] then enter(owner, STDLIB, sequence_at(first[2])) end
    redis.call('DEL', owner_key(owner, EARLIER_QUEUED))
  end
end
adopt(redis.call('LRANGE', EARLIER_ROTATION, 0, -1))
adopt(redis.call('SMEMBERS', EARLIER_CAPPED))
-- It also counts what the jobs of '' take.
redis.call('DEL', EARLIER_ROTATION, EARLIER_CAPPED, owner_key('', 'running'), owner_key('', 'bytes'))

-- Put owners below their maximums back into the rotations: records have expired, or the operator has raised a
-- maximum.
for _, owner in ipairs(redis.call('ZRANGE', CAPPED, 0, -1)) do
  if not is_at_maximum(owner) then uncap(owner) end
end

if requeued > 0 then count('requeued', requeued) end
return notify_all({requeued, lost, expired})
