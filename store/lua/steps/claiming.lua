-- Steps of claim.lua and finish.lua: take the job whose turn it is, of the environments that the worker has.
--
-- Owners take turns. Of one owner, the job of the highest class goes first, and in a class the oldest. But the
-- oldest job of all is passed over three times at most, so that no job waits for ever.
--
-- args.environments  the environments of the worker
-- args.lease_ms      the duration of a claim, in milliseconds
-- args.result_ttl    seconds that the record of an expired job is kept
-- and the arguments of is_at_maximum()

-- The number of owners in the rotation of each environment of the worker, counted up to two.
local owners = {}

-- Return the owner whose turn it is, and its turn; nil if no job can run.
local function next_owner()
  local owner, least
  for _, environment in ipairs(args.environments) do
    local first = redis.call('ZRANGE', rotation_key(environment), 0, 1, 'WITHSCORES')
    owners[environment] = #first / 2
    local turn = tonumber(first[2])
    if turn and (not least or turn < least) then owner, least = first[1], turn end
  end
  return owner, least
end

-- Return the number of the class of a job from its place.
local function rank_at(place) return math.floor(place / CLASS_TURNS) end

-- Return the next job of an owner: its id, its environment, and whether the owner has more jobs there. Return nil
-- if there is none.
local function next_of(owner)
  local first, oldest
  local function see(id, place, environment, more)
    local job = {id = id, place = place, environment = environment, more = more}
    if not first or place < first.place then first = job end
    if not oldest or sequence_at(place) < sequence_at(oldest.place) then oldest = job end
  end
  for _, environment in ipairs(args.environments) do
    local queue = queue_key(owner, environment)
    local two = redis.call('ZRANGE', queue, 0, 1, 'WITHSCORES')
    if two[1] then
      local more, place = #two > 2, tonumber(two[2])
      see(two[1], place, environment, more)
      -- The oldest job is the first one of its class. Look at the first one of each class, up to that of the last job.
      local last = more and rank_at(redis.call('ZRANGE', queue, -1, -1, 'WITHSCORES')[2]) or 0
      while rank_at(place) < last do
        local later = (rank_at(place) + 1) * CLASS_TURNS
        local head = redis.call('ZRANGE', queue, later, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
        place = tonumber(head[2])
        see(head[1], place, environment, more)
      end
    end
  end
  if not first then return nil end
  if first.id ~= oldest.id and redis.call('HINCRBY', job_key(oldest.id), 'passed', 1) > PASSED_MOST then
    return oldest
  end
  return first
end

-- Remove an owner from the rotation of an environment of the worker.
local function leave(owner, environment)
  owners[environment] = owners[environment] - redis.call('ZREM', rotation_key(environment), owner)
end

-- Remove the next job of an owner from its queue. Return its id and the fields of its record that claim() needs;
-- nil if the job is not to be run.
local function pop(owner)
  local job = next_of(owner)
  if not job then
    -- A process of an earlier version has removed the last job of the owner.
    for _, environment in ipairs(args.environments) do leave(owner, environment) end
    return nil
  end
  local id = job.id
  local record = redis.call('HMGET', job_key(id), 'status', 'deadline_ms', 'job', 'token', 'attempts', 'created_ms',
    'waiters')
  remove_queued(id, owner, job.environment, record[7])
  if not job.more then leave(owner, job.environment) end
  if record[1] == 'queued' and tonumber(record[2]) > now then
    -- The owner has had its turn only if the claim found a job of it.
    if job.more or #environments() > 1 then set_turn(owner, redis.call('INCR', SEQUENCE)) end
    return id, record
  end
  if record[1] == 'queued' then
    finalize(id, record_of(id), 'failed', EXPIRED, 'expired', args.result_ttl)
  elseif not record[1] then
    -- The record was lost. next_of() may have made another, with nothing but its count.
    redis.call('DEL', job_key(id))
  end
end

-- Return the id, the owner and the fields of the record of the job whose turn it is; nil if no job can run.
local function pop_next()
  -- Bounded, so that no claim blocks Redis for long.
  local dropped = 0
  while dropped < MOST_EXPIRED do
    local owner, turn = next_owner()
    if not owner then return nil end
    if is_at_maximum(owner) then
      cap(owner, turn)
      -- Whatever the counts of queued jobs say, the owner does not come again.
      for _, environment in ipairs(args.environments) do leave(owner, environment) end
    else
      local id, record = pop(owner)
      if id then return id, owner, record end
      dropped = dropped + 1
    end
  end
end

-- Claim the next job. Return {id, job JSON, token, attempt, created_ms, started_ms}, or false if no job can
-- run.
local function claim()
  local id, owner, record = pop_next()
  for environment, number in pairs(owners) do runnable[environment] = number > 0 or nil end
  if not id then return false end
  local token, attempt = record[4] + 1, record[5] + 1
  redis.call('HSET', job_key(id), 'status', 'running', 'started_ms', now, 'token', token, 'attempts', attempt)
  redis.call('ZADD', RUNNING, now + args.lease_ms, id)
  if owner ~= '' then redis.call('SADD', owner_key(owner, 'running'), id) end
  count('attempts')
  return {id, record[3], token, attempt, record[6], now}
end
