-- Read the state of the queue in numbers.
-- args: none
-- Returns {jobs running, {counter, value…}, jobs queued by class…}.
local answer = {redis.call('ZCARD', RUNNING), redis.call('HGETALL', COUNTERS)}
for _, class in ipairs(CLASSES) do
  local queued = 0
  for _, owner in ipairs(redis.call('LRANGE', rotation_key(class), 0, -1)) do
    queued = queued + redis.call('LLEN', queue_key(class, owner))
  end
  for _, owner in ipairs(redis.call('SMEMBERS', capped_key(class))) do
    queued = queued + redis.call('LLEN', queue_key(class, owner))
  end
  answer[#answer + 1] = queued
end
return answer
