-- The end of a job.

-- Return the fields of a record that finalize() needs.
local function sizes_of(id) return redis.call('HMGET', job_key(id), 'bytes', 'input_bytes', 'idempotency', 'extras') end

-- Return the member of FINAL for a job. The reconciler takes it apart when the record has expired.
local function final_member(id, bytes, owner) return id .. ' ' .. bytes .. ' ' .. owner end

-- Make a job final and wake its waiters. The caller has removed the job from the queued or running jobs.
-- record: begins with the fields of sizes_of(). outcome: JSON text, '' for none. error: the error type, '' for none. ttl: seconds that the record is kept.
-- artifact_bytes: bytes that its artifacts take, nil for none.
local function finalize(id, owner, record, status, outcome, error, ttl, artifact_bytes)
  local key = job_key(id)
  local bytes = record[1] - record[2] + #outcome + (artifact_bytes or 0)
  redis.call('HDEL', key, 'job', 'input_bytes')
  -- Most jobs have no other keys.
  if record[4] then redis.call('DEL', files_key(id), events_key(id), followers_key(id)) end
  redis.call('HSET', key, 'status', status, 'finished_ms', now, 'bytes', bytes,
    unpack(outcome ~= '' and {'outcome', outcome} or {}))
  if error ~= '' then redis.call('HSET', key, 'error', error) end
  redis.call('EXPIRE', key, ttl)
  redis.call('ZADD', FINAL, now + ttl * 1000, final_member(id, bytes, owner))
  add_bytes(owner, 'active', -record[1])
  add_bytes(owner, 'kept', bytes)
  -- An idempotency key expires together with the record of the last of its jobs.
  if record[3] and redis.call('HINCRBY', record[3], 'unfinished', -1) <= 0 then
    redis.call('EXPIRE', record[3], ttl)
  end
  count('finished:' .. status .. (error ~= '' and ':' .. error or ''))
  wake_waiters(id, outcome)
end
