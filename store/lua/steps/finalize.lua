-- The end of a job.

-- Return the fields of a record that its end needs.
local function record_of(id)
  return redis.call('HMGET', job_key(id), 'status', 'owner', 'bytes', 'input_bytes', 'idempotency', 'extras', 'limits',
    'created_ms', 'started_ms', 'environment', 'waiters', 'token')
end

-- Return the member of FINAL for a job. The reconciler takes it apart when the record has expired.
local function final_member(id, bytes, owner) return id .. ' ' .. bytes .. ' ' .. owner end

-- Make a job final and wake its waiters. The caller has removed the job from the queued or running jobs.
-- record: from record_of(). outcome: JSON text, '' for none. error: the error type, '' for none. ttl: seconds that the
-- record is kept. artifact_bytes: bytes that its artifacts take, nil for none.
-- Returns the values of FIELDS.
local function finalize(id, record, status, outcome, error, ttl, artifact_bytes)
  local key = job_key(id)
  local _, owner, taken, input_bytes, idempotency, extras, limits, created_ms, started_ms, environment, waiters =
    unpack(record)
  local bytes = taken - input_bytes + #outcome + (artifact_bytes or 0)
  local finished_ms = string.format('%d', now)
  redis.call('HDEL', key, 'job', 'input_bytes', 'waiters')
  -- Most jobs have no other keys.
  if extras then redis.call('DEL', files_key(id), events_key(id), followers_key(id)) end
  redis.call('HSET', key, 'status', status, 'finished_ms', finished_ms, 'bytes', bytes,
    unpack(outcome ~= '' and {'outcome', outcome} or {}))
  if error ~= '' then redis.call('HSET', key, 'error', error) end
  redis.call('EXPIRE', key, ttl)
  redis.call('ZADD', FINAL, now + ttl * 1000, final_member(id, bytes, owner))
  add_bytes(owner, 'active', -taken)
  add_bytes(owner, 'kept', bytes)
  -- An idempotency key expires together with the record of the last of its jobs.
  if idempotency and redis.call('HINCRBY', idempotency, 'unfinished', -1) <= 0 then
    redis.call('EXPIRE', idempotency, ttl)
  end
  count('finished:' .. status .. (error ~= '' and ':' .. error or ''))
  local fields = {status, limits, created_ms, started_ms, finished_ms, environment, outcome ~= '' and outcome}
  wake_waiters(id, waiters, fields)
  return fields
end
