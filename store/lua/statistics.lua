-- Read the state of the queue in numbers.
-- args: none
-- Returns {jobs running, {counter, value…}, jobs queued by class…}.
local answer = {redis.call('ZCARD', RUNNING), redis.call('HGETALL', COUNTERS)}
for rank in ipairs(CLASSES) do answer[rank + 2] = 0 end
local function add_queued(owner, environment)
  for rank in ipairs(CLASSES) do
    local last = '(' .. (rank + 1) * CLASS_TURNS
    local queued = redis.call('ZCOUNT', queue_key(owner, environment), rank * CLASS_TURNS, last)
    answer[rank + 2] = answer[rank + 2] + queued
  end
end
local capped = redis.call('ZRANGE', CAPPED, 0, -1)
for _, environment in ipairs(environments()) do
  for _, owner in ipairs(redis.call('ZRANGE', rotation_key(environment), 0, -1)) do add_queued(owner, environment) end
  for _, owner in ipairs(capped) do add_queued(owner, environment) end
end
return answer
