-- The queue of an owner in an environment.

-- Return the place of a job in its owner's queue. The smallest goes first: by class, then by submission number.
local function place_of(class, sequence)
  for rank, name in ipairs(CLASSES) do
    if name == class then return rank * CLASS_TURNS + sequence end
  end
end

-- Return the submission number of a job from its place.
local function sequence_at(place) return place % CLASS_TURNS end

-- Put a job into its owner's queue, at its place by class and submission number. The caller updates the rotation.
local function enqueue(id, class, owner, environment, deadline, sequence)
  redis.call('ZADD', QUEUED, deadline, id)
  count_queued(environment, redis.call('ZADD', queue_key(owner, environment), place_of(class, sequence), id))
end

-- Remove a job from its queue. The caller updates the rotation. waiters: that field of the record.
local function remove_queued(id, owner, environment, waiters)
  redis.call('ZREM', QUEUED, id)
  -- A process of an earlier version may have queued the job as one of stdlib.
  count_queued(environment, -redis.call('ZREM', queue_key(owner, environment), id))
  -- Version 0.2.0 also keeps the job by its submission number.
  if not waiters then redis.call('ZREM', owner_key(owner, EARLIER_QUEUED), id) end
end

-- Return whether an owner has jobs queued in an environment.
local function has_queued(owner, environment)
  return redis.call('EXISTS', queue_key(owner, environment)) == 1
end
