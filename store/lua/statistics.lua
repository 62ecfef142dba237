-- Read the state of the queue in numbers.
-- args: none
-- Returns {jobs running, {counter, value…}, jobs queued by class…}.
local answer = {redis.call('ZCARD', RUNNING), redis.call('HGETALL', COUNTERS)}
for rank in ipairs(CLASSES) do answer[rank + 2] = 0 end
local function add_queued(owner)
  for rank in ipairs(CLASSES) do
    local last = '(' .. (rank + 1) * CLASS_TURNS
    local queued = redis.call('ZCOUNT', owner_key(owner, 'queue'), rank * CLASS_TURNS, last)
    answer[rank + 2] = answer[rank + 2] + queued
  end
end
for _, owner in ipairs(redis.call('LRANGE', ROTATION, 0, -1)) do add_queued(owner) end
for _, owner in ipairs(redis.call('SMEMBERS', CAPPED)) do add_queued(owner) end
return answer
