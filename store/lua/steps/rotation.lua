-- The turns of the owners.
--
-- An owner with jobs queued in an environment is in the rotation of the environment. While it has reached a
-- maximum, it is among the capped owners instead, and in no rotation. The score of an owner is its turn: the number
-- of its latest claim, or of the submission that put it into the rotation. Claims and submissions share one
-- sequence of numbers. An owner has the same turn in every rotation, so it gains nothing by using several
-- environments.

-- Give an owner a turn in every rotation that contains it.
local function set_turn(owner, turn)
  for _, environment in ipairs(environments()) do
    redis.call('ZADD', rotation_key(environment), 'XX', turn, owner)
  end
end

-- Put an owner into the rotation of an environment, with the earlier of `turn` and the turn that it has. A capped
-- owner stays where it is.
local function enter(owner, environment, turn)
  if owner ~= '' and redis.call('ZSCORE', CAPPED, owner) then return end
  runnable[environment] = true
  local function add() return redis.call('ZADD', rotation_key(environment), 'LT', 'CH', turn, owner) end
  -- Most submissions change nothing here: the owner is in the rotation with an earlier turn.
  if add() == 0 then return end
  local rotations = environments()
  if #rotations == 1 and environment == STDLIB then return end
  for _, other in ipairs(rotations) do
    turn = math.min(turn, redis.call('ZSCORE', rotation_key(other), owner) or turn)
  end
  set_turn(owner, turn)
  add()
end

-- Remove a queued job from its queue, and its owner from the rotation or the capped owners if it was the last.
-- record: from record_of().
local function dequeue(id, record)
  local owner, environment = record[2], record[10] or STDLIB
  remove_queued(id, owner, environment, record[11])
  if has_queued(owner, environment) then return end
  redis.call('ZREM', rotation_key(environment), owner)
  for _, other in ipairs(environments()) do
    if has_queued(owner, other) then return end
  end
  redis.call('ZREM', CAPPED, owner)
end

-- Remove an owner from every rotation until it is below its maximums, so that later claims skip it at no cost.
local function cap(owner, turn)
  for _, environment in ipairs(environments()) do redis.call('ZREM', rotation_key(environment), owner) end
  redis.call('ZADD', CAPPED, turn, owner)
end

-- Put a capped owner back into the rotations, with the turn that it had.
local function uncap(owner)
  local turn = redis.call('ZSCORE', CAPPED, owner)
  if not turn then return end
  redis.call('ZREM', CAPPED, owner)
  for _, environment in ipairs(environments()) do
    if has_queued(owner, environment) then enter(owner, environment, tonumber(turn)) end
  end
end
