-- Steps of claim.lua and finish.lua: take the job whose turn it is.
--
-- Owners take turns. Of one owner, the job of the highest class goes first, and in a class the oldest. But the
-- oldest job of all is passed over three times at most, so that no job waits for ever.
--
-- args.lease_ms    the duration of a claim, in milliseconds
-- args.result_ttl  seconds that the record of an expired job is kept
-- and the arguments of is_at_maximum()

-- Return the next job of an owner, nil if it has none, and whether there are more.
local function next_of(owner)
  local oldest = redis.call('ZRANGE', owner_key(owner, 'queued'), 0, 1)
  if #oldest < 2 then return oldest[1], false end
  local first = redis.call('ZRANGE', owner_key(owner, 'queue'), 0, 0)[1]
  if first ~= oldest[1] and redis.call('HINCRBY', job_key(oldest[1]), 'passed', 1) > PASSED_MOST then
    first = oldest[1]
  end
  return first, true
end

-- Remove the job whose turn it is from its queue. Return its id, its owner and the fields of its record that
-- claim() needs; nil if no job can run.
local function pop_next()
  -- Bounded, so that no claim blocks Redis for long.
  local dropped = 0
  while dropped < MOST_EXPIRED do
    local owner = redis.call('LPOP', ROTATION)
    if not owner then return nil end
    local id, more
    if is_at_maximum(owner) then
      -- The owner leaves the rotation until it is below its maximums, so that later claims skip it at no cost.
      redis.call('SADD', CAPPED, owner)
    else
      id, more = next_of(owner)
    end
    if id then
      remove_queued(id, owner)
      local record = redis.call('HMGET', job_key(id), 'status', 'deadline_ms', 'job', 'token', 'attempts', 'created_ms')
      local found = record[1] == 'queued' and tonumber(record[2]) > now
      -- An owner goes to the end of the rotation only if the claim found a job of it.
      if more then redis.call(found and 'RPUSH' or 'LPUSH', ROTATION, owner) end
      if found then return id, owner, record end
      if record[1] == 'queued' then
        finalize(id, owner, 'failed', EXPIRED, 'expired', args.result_ttl)
      elseif not record[1] then
        -- The record was lost. next_of() may have made another, with nothing but its count.
        redis.call('DEL', job_key(id))
      end
      dropped = dropped + 1
    end
  end
end

-- Claim the next job. Return {id, job JSON, token, attempt, created_ms, started_ms}, or false if no job can
-- run.
local function claim()
  local id, owner, record = pop_next()
  if not id then return false end
  local token, attempt = record[4] + 1, record[5] + 1
  redis.call('HSET', job_key(id), 'status', 'running', 'started_ms', now, 'token', token, 'attempts', attempt)
  redis.call('ZADD', RUNNING, now + args.lease_ms, id)
  redis.call('SADD', owner_key(owner, 'running'), id)
  count('attempts')
  return {id, record[3], token, attempt, record[6], now}
end
