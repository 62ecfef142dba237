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
--   queued    QUEUED, and its owner's `queue` (by turn) and `queued` (by submission number)
--   running   RUNNING and its owner's `running` set
--   final     FINAL, until its record expires
-- An owner with queued jobs is in the rotation. While it has reached a maximum, it is in the set of capped owners
-- instead.
--
-- The `bytes` of a record is what the job takes in Redis: its fields with a client's data, and a fixed amount for
-- everything else. An owner's `bytes` are the sums over its jobs that are not final (`active`) and over its final
-- jobs (`kept`).

local args = cjson.decode(ARGV[1])
local notification = ARGV[2]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function job_key(id) return JOB .. id end
local function waiters_key(id) return WAITERS .. id end
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

-- Return whether a queued job can run: its owner is below its maximums.
local function has_runnable_job() return redis.call('EXISTS', ROTATION) == 1 end

-- Return whether no job of an owner may start. There are no maximums for ''.
-- args.running_max    maximum number of jobs of one owner that run at once, 0 for no maximum
-- args.key_bytes_max  bytes of final jobs of one owner at which none of its jobs starts, 0 for no maximum
local function is_at_maximum(owner)
  if owner == '' then return false end
  return args.running_max > 0 and redis.call('SCARD', owner_key(owner, 'running')) >= args.running_max
    or args.key_bytes_max > 0
      and tonumber(redis.call('HGET', owner_key(owner, 'bytes'), 'kept') or 0) >= args.key_bytes_max
end

-- Add to the bytes of an owner's jobs: `active` or `kept`.
local function add_bytes(owner, state, bytes)
  local key = owner_key(owner, 'bytes')
  if redis.call('HINCRBY', key, state, bytes) == 0 then redis.call('HDEL', key, state) end
end

-- Return the turn of a job in its owner's queue. The smallest goes first: by class, then by submission number.
local function turn_of(class, sequence)
  for rank, name in ipairs(CLASSES) do
    if name == class then return rank * CLASS_TURNS + sequence end
  end
end

-- Put a job into its owner's queue, at its place by class and submission number.
local function enqueue(id, class, owner, deadline, sequence)
  redis.call('ZADD', QUEUED, deadline, id)
  redis.call('ZADD', owner_key(owner, 'queued'), sequence, id)
  redis.call('ZADD', owner_key(owner, 'queue'), turn_of(class, sequence), id)
end

-- Remove a job from its queue. The caller updates the rotation.
local function remove_queued(id, owner)
  redis.call('ZREM', QUEUED, id)
  redis.call('ZREM', owner_key(owner, 'queued'), id)
  redis.call('ZREM', owner_key(owner, 'queue'), id)
end

-- Remove a job from its queue, and its owner from the rotation if it was the last.
local function dequeue(id, owner)
  remove_queued(id, owner)
  if redis.call('EXISTS', owner_key(owner, 'queue')) == 0 then
    redis.call('LREM', ROTATION, 1, owner)
    redis.call('SREM', CAPPED, owner)
  end
end

-- Put a capped owner back into the rotation.
local function uncap(owner)
  if redis.call('SREM', CAPPED, owner) == 1 then redis.call('LPUSH', ROTATION, owner) end
end

-- Remove a job from the running jobs.
local function remove_running(id, owner)
  redis.call('ZREM', RUNNING, id)
  redis.call('SREM', owner_key(owner, 'running'), id)
  uncap(owner)
end

-- Put a running job back into its queue, and its owner first in the rotation.
local function requeue(id, owner)
  remove_running(id, owner)
  redis.call('HSET', job_key(id), 'status', 'queued')
  redis.call('HDEL', job_key(id), 'started_ms')
  local record = redis.call('HMGET', job_key(id), 'class', 'deadline_ms', 'sequence')
  enqueue(id, record[1], owner, record[2], record[3])
  redis.call('LREM', ROTATION, 1, owner)
  redis.call('LPUSH', ROTATION, owner)
end

-- Make a job final and wake its waiters. The caller has removed the job from the queued or running jobs.
-- outcome: JSON text, '' for none. error: the error type, '' for none. ttl: seconds that the record is kept.
local function finalize(id, owner, status, outcome, error, ttl)
  local key = job_key(id)
  local record = redis.call('HMGET', key, 'bytes', 'input_bytes', 'idempotency')
  local bytes = record[1] - record[2] + #outcome
  redis.call('HDEL', key, 'job', 'input_bytes')
  redis.call('HSET', key, 'status', status, 'finished_ms', now, 'bytes', bytes)
  if outcome ~= '' then redis.call('HSET', key, 'outcome', outcome) end
  redis.call('EXPIRE', key, ttl)
  redis.call('ZADD', FINAL, now + ttl * 1000, id .. ' ' .. bytes .. ' ' .. owner)
  add_bytes(owner, 'active', -record[1])
  add_bytes(owner, 'kept', bytes)
  -- An idempotency key expires together with the record of the last of its jobs.
  if record[3] and redis.call('HINCRBY', record[3], 'unfinished', -1) <= 0 then
    redis.call('EXPIRE', record[3], ttl)
  end
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
