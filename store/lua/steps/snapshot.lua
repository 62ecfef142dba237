-- The state of the queue in numbers.

-- Return the number of queued jobs of each class.
local function queued_by_class()
  local numbers = {}
  for rank in ipairs(CLASSES) do numbers[rank] = 0 end
  local function add_queued(owner, environment)
    for rank in ipairs(CLASSES) do
      local last = '(' .. (rank + 1) * CLASS_TURNS
      local queued = redis.call('ZCOUNT', queue_key(owner, environment), rank * CLASS_TURNS, last)
      numbers[rank] = numbers[rank] + queued
    end
  end
  local capped = redis.call('ZRANGE', CAPPED, 0, -1)
  for _, environment in ipairs(environments()) do
    for _, owner in ipairs(redis.call('ZRANGE', rotation_key(environment), 0, -1)) do add_queued(owner, environment) end
    for _, owner in ipairs(capped) do add_queued(owner, environment) end
  end
  return numbers
end

-- Return a snapshot: the time, a space, and a JSON object. It has the counters of which the queue page needs the
-- differences. Their number is bounded: submissions have one counter for all environments.
local function snapshot()
  local counters, submitted = {}, 0
  local all = redis.call('HGETALL', COUNTERS)
  for i = 1, #all, 2 do
    local kind = string.match(all[i], '^%a+')
    if kind == 'submitted' then
      submitted = submitted + all[i + 1]
    elseif kind == 'finished' or kind == 'waited' or kind == 'ran' then
      counters[all[i]] = tonumber(all[i + 1])
    end
  end
  counters.submitted = submitted
  local numbers = {queued = queued_by_class(), running = redis.call('ZCARD', RUNNING), counters = counters}
  return now .. ' ' .. cjson.encode(numbers)
end
