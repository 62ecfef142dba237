-- Steps of claim.lua and finish.lua: take the job whose turn it is.
--
-- The most urgent priority goes first. Within a priority, interactive jobs go first, but after three of them one
-- other job goes. Within a queue class, owners take turns. Of one owner, the oldest job goes first.
--
-- args.running_max  maximum number of jobs of one owner that run at once, 0 for no maximum
-- args.lease_ms     the duration of a claim, in milliseconds
-- args.result_ttl   seconds that the record of an expired job is kept

-- The number of queued jobs that this script has dropped because they had expired. It is bounded, so that no
-- claim blocks Redis for long.
local expired = 0

-- Remove and return the next job of a class and its owner, or nil.
local function pop_from(class)
  while expired < MOST_EXPIRED do
    local owner = redis.call('LPOP', rotation_key(class))
    if not owner then return nil end
    local cap = args.running_max
    if cap > 0 and owner ~= '' and redis.call('SCARD', owner_key(owner, 'running')) >= cap then
      -- The owner leaves the rotation until one of its jobs ends, so that later claims skip it at no cost.
      redis.call('SADD', capped_key(class), owner)
    else
      local id = redis.call('LPOP', queue_key(class, owner))
      local more = redis.call('EXISTS', queue_key(class, owner)) == 1
      local found = false
      if id then
        redis.call('ZREM', QUEUED, id)
        redis.call('SREM', owner_key(owner, 'queued'), id)
        local record = redis.call('HMGET', job_key(id), 'status', 'deadline_ms')
        if record[1] == 'queued' then
          found = tonumber(record[2]) > now
          if not found then finalize(id, owner, 'failed', EXPIRED, 'expired', args.result_ttl) end
        end
      end
      -- An owner goes to the end of the rotation only if the claim found a job of it.
      if more then redis.call(found and 'RPUSH' or 'LPUSH', rotation_key(class), owner) end
      if found then return id, owner end
      expired = expired + 1
    end
  end
end

-- Remove and return the job whose turn it is and its owner, or nil.
local function pop_next()
  for _, priority in ipairs(PRIORITIES) do
    local interactive, other = priority .. ':execute', priority .. ':jobs'
    local passed = tonumber(redis.call('HGET', TURNS, priority) or 0)
    local first, second = interactive, other
    if passed >= INTERACTIVE_IN_A_ROW then first, second = other, interactive end
    local class, id, owner = first, pop_from(first)
    if not id then
      class, id, owner = second, pop_from(second)
    end
    if id then
      if class == other then
        redis.call('HDEL', TURNS, priority)
      elseif redis.call('EXISTS', rotation_key(other)) == 1 then
        redis.call('HINCRBY', TURNS, priority, 1)
      end
      return id, owner
    end
  end
end

-- Claim the next job. Return {id, job JSON, token, attempt, created_ms, started_ms}, or false if no job can
-- run.
local function claim()
  local id, owner = pop_next()
  if not id then return false end
  redis.call('HSET', job_key(id), 'status', 'running', 'started_ms', now)
  redis.call('ZADD', RUNNING, now + args.lease_ms, id)
  redis.call('SADD', owner_key(owner, 'running'), id)
  count('attempts')
  local token = redis.call('HINCRBY', job_key(id), 'token', 1)
  local attempt = redis.call('HINCRBY', job_key(id), 'attempts', 1)
  local record = redis.call('HMGET', job_key(id), 'job', 'created_ms', 'started_ms')
  return {id, record[1], token, attempt, record[2], record[3]}
end
