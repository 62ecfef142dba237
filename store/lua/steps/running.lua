-- The running jobs.

-- Remove a job from the running jobs.
local function remove_running(id, owner)
  redis.call('ZREM', RUNNING, id)
  if owner == '' then return end
  redis.call('SREM', owner_key(owner, 'running'), id)
  uncap(owner)
end

-- Return whether a token belongs to the latest claim of a job that runs.
local function is_claimed(id, token)
  local record = redis.call('HMGET', job_key(id), 'status', 'token')
  return record[1] == 'running' and tonumber(record[2]) == token
end

-- Put a running job back into its queue. Its owner gets the turn of the job's submission if that is earlier.
local function requeue(id, owner)
  remove_running(id, owner)
  redis.call('HSET', job_key(id), 'status', 'queued')
  redis.call('HDEL', job_key(id), 'started_ms')
  local record = redis.call('HMGET', job_key(id), 'class', 'deadline_ms', 'sequence', 'environment', 'extras')
  local environment = record[4] or STDLIB
  enqueue(id, record[1], owner, environment, record[2], record[3])
  enter(owner, environment, tonumber(record[3]))
  if record[5] then void_output(id) end
end
