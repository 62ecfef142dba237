-- Steps that the scripts share. store/scripts.py puts its constants before this file, and the script itself
-- after it.
--
-- ARGV[1]   the arguments of the script: one JSON object
-- ARGV[2]   the notification for a worker: the text of a Celery message, '' for none
-- ARGV[3…]  payloads: JSON texts of a client or a worker. The scripts store them unparsed
--
-- A script derives the names of its keys from ids and owners that it reads, so it does not run on a Redis
-- Cluster. Neither does Celery. Times are milliseconds by the clock of Redis. `now` is read once, so all times
-- of one script are equal.
--
-- The collections that contain a job, besides its owner's `jobs`:
--   queued    QUEUED, its owner's `queued` set, and the list of its queue class and owner
--   running   RUNNING and its owner's `running` set
--   final     KEPT, until its record expires
-- An owner with queued jobs of a class is in the rotation of that class. While the owner has as many running
-- jobs as it may, it is in the set of capped owners instead.

local args = cjson.decode(ARGV[1])
local notification = ARGV[2]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function job_key(id) return JOB .. id end
local function waiters_key(id) return WAITERS .. id end
local function queue_key(class, owner) return QUEUE .. class .. ':of:' .. owner end
local function rotation_key(class) return QUEUE .. class .. ':owners' end
local function capped_key(class) return QUEUE .. class .. ':capped' end
local function owner_key(owner, what) return OWNER .. owner .. ':' .. what end

local function count(what, n) redis.call('HINCRBY', COUNTERS, what, n or 1) end

-- Count a duration in the bucket with the smallest bound that it does not exceed.
local function observe_duration(what, ms)
  count(what .. ':sum', math.floor(ms))
  for _, bound in ipairs(BUCKETS_MS) do
    if ms <= bound then return count(what .. ':' .. bound) end
  end
  count(what .. ':inf')
end

-- Return the fields of a record that clients may see, in the order of FIELDS.
local function public_fields(id) return redis.call('HMGET', job_key(id), unpack(FIELDS)) end

-- Return whether a queued job can run: its owner is below the cap.
local function has_runnable_job() return redis.call('EXISTS', unpack(ROTATIONS)) > 0 end

-- Put a job at the end of its queue.
local function enqueue(id, class, owner, deadline)
  redis.call('ZADD', QUEUED, deadline, id)
  redis.call('SADD', owner_key(owner, 'queued'), id)
  if redis.call('RPUSH', queue_key(class, owner), id) == 1 then
    redis.call('RPUSH', rotation_key(class), owner)
  end
end

-- Remove a job from its queue, from any position.
local function dequeue(id, class, owner)
  redis.call('ZREM', QUEUED, id)
  redis.call('SREM', owner_key(owner, 'queued'), id)
  redis.call('LREM', queue_key(class, owner), 1, id)
  if redis.call('EXISTS', queue_key(class, owner)) == 0 then
    redis.call('LREM', rotation_key(class), 1, owner)
    redis.call('SREM', capped_key(class), owner)
  end
end

-- Put a capped owner back into the rotation of every class.
local function uncap(owner)
  for _, class in ipairs(CLASSES) do
    if redis.call('SREM', capped_key(class), owner) == 1 then
      redis.call('LPUSH', rotation_key(class), owner)
    end
  end
end

-- Remove a job from the running jobs.
local function remove_running(id, owner)
  redis.call('ZREM', RUNNING, id)
  redis.call('SREM', owner_key(owner, 'running'), id)
  uncap(owner)
end

-- Put a running job first in its queue, and its owner first in the rotation.
local function requeue(id, class, owner, deadline)
  remove_running(id, owner)
  redis.call('HSET', job_key(id), 'status', 'queued')
  redis.call('HDEL', job_key(id), 'started_ms')
  redis.call('ZADD', QUEUED, deadline, id)
  redis.call('SADD', owner_key(owner, 'queued'), id)
  redis.call('LPUSH', queue_key(class, owner), id)
  redis.call('LREM', rotation_key(class), 1, owner)
  redis.call('LPUSH', rotation_key(class), owner)
end

-- Make a job final and wake its waiters. The caller has removed the job from the queued or running jobs.
-- outcome: JSON text, '' for none. error: the error type, '' for none. ttl: seconds that the record is kept.
local function finalize(id, owner, status, outcome, error, ttl)
  local key = job_key(id)
  redis.call('HDEL', key, 'job')
  redis.call('HSET', key, 'status', status, 'finished_ms', now)
  if outcome ~= '' then redis.call('HSET', key, 'outcome', outcome) end
  redis.call('EXPIRE', key, ttl)
  redis.call('ZADD', KEPT, now + ttl * 1000, id .. ' ' .. owner)
  count('finished:' .. status .. (error ~= '' and ':' .. error or ''))
  local replies = redis.call('SMEMBERS', waiters_key(id))
  if #replies == 0 then return end
  -- A final record never changes. The wake-up contains a small record, which saves the waiter a read.
  local wake_up = cjson.encode(#outcome <= WAKE_UP_BYTES and {id, public_fields(id)} or {id})
  for _, reply in ipairs(replies) do redis.call('PUBLISH', reply, wake_up) end
  redis.call('DEL', waiters_key(id))
end

-- Register a waiter's reply channel for the wake-up of a job.
local function add_waiter(id, reply)
  redis.call('SADD', waiters_key(id), reply)
  redis.call('EXPIRE', waiters_key(id), WAITERS_TTL)
end

-- Return `answer`, and notify a worker if a job can run and no notification is pending. One notification is
-- enough for any number of jobs: the claim that follows it notifies the next worker while jobs are left.
local function notify(answer)
  -- Errors are ignored: the state change stays, and the reconciler sends the notification later.
  if notification ~= '' and has_runnable_job() and redis.pcall('LLEN', NOTIFICATIONS) == 0 then
    local id = string.format('%032x', redis.call('HINCRBY', COUNTERS, 'notifications', 1))
    redis.pcall('LPUSH', NOTIFICATIONS, (string.gsub(notification, ID_PLACEHOLDER, id)))
  end
  return answer
end
