-- Requeue jobs whose worker was lost, end jobs that waited too long, and clean up after expired records.
-- args: lock_ms (how long no other worker may reconcile, 0 for no lock), judge_leases, attempts (their maximum),
--   running_max, result_ttl
-- Returns {jobs requeued, jobs ended as lost, jobs ended as expired}, or false if another worker has just
-- reconciled.
if args.lock_ms > 0 and not redis.call('SET', RECONCILER, now, 'NX', 'PX', args.lock_ms) then return false end
local requeued, lost, expired = 0, 0, 0

-- Return the due members of a sorted set. Bounded, so that no script blocks Redis for long.
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, MOST_RECONCILED) end

if args.judge_leases then
  for _, id in ipairs(due(RUNNING)) do
    local record = redis.call('HMGET', job_key(id), 'status', 'owner', 'class', 'deadline_ms', 'attempts')
    local owner = record[2]
    if record[1] ~= 'running' then
      redis.call('ZREM', RUNNING, id)
    elseif tonumber(record[5]) < args.attempts then
      requeue(id, record[3], owner, record[4])
      requeued = requeued + 1
    else
      remove_running(id, owner)
      -- The worker may still be alive. A new token makes the store refuse its late outcome.
      redis.call('HINCRBY', job_key(id), 'token', 1)
      finalize(id, owner, 'failed', LOST, 'sandbox_failure', args.result_ttl)
      lost = lost + 1
    end
  end
end

for _, id in ipairs(due(QUEUED)) do
  local record = redis.call('HMGET', job_key(id), 'status', 'owner', 'class')
  if record[1] ~= 'queued' then
    redis.call('ZREM', QUEUED, id)
  else
    dequeue(id, record[3], record[2])
    finalize(id, record[2], 'failed', EXPIRED, 'expired', args.result_ttl)
    expired = expired + 1
  end
end

-- Remove jobs whose record has expired from their owner's list.
for _, member in ipairs(due(KEPT)) do
  local id, owner = string.match(member, '^(%S+) (.*)$')
  redis.call('ZREM', owner_key(owner, 'jobs'), id)
  redis.call('ZREM', KEPT, member)
end

-- Put owners below the cap back into the rotation: the operator may have raised the cap.
for _, class in ipairs(CLASSES) do
  for _, owner in ipairs(redis.call('SMEMBERS', capped_key(class))) do
    if args.running_max == 0 or redis.call('SCARD', owner_key(owner, 'running')) < args.running_max then
      redis.call('SREM', capped_key(class), owner)
      redis.call('LPUSH', rotation_key(class), owner)
    end
  end
end

if requeued > 0 then count('requeued', requeued) end
return notify({requeued, lost, expired})
