-- The requests that wait for a job: the reply channels of their processes.

-- Register a waiter's reply channel for the wake-up of a job.
local function add_waiter(id, reply)
  redis.call('SADD', waiters_key(id), reply)
  redis.call('EXPIRE', waiters_key(id), WAITERS_TTL)
end

-- Wake the waiters of a job that has become final.
local function wake_waiters(id, outcome)
  local replies = redis.call('SMEMBERS', waiters_key(id))
  if #replies == 0 then return end
  -- A final record never changes. The wake-up contains a small record, which saves the waiter a read.
  local wake_up = cjson.encode(#outcome <= WAKE_UP_BYTES and {id, public_fields(id)} or {id})
  for _, reply in ipairs(replies) do redis.call('PUBLISH', reply, wake_up) end
  redis.call('DEL', waiters_key(id))
end
