-- Counts of events, for statistics.lua.

-- What this script counts, by the name of the counter. save_counts() adds it.
local events = {}

local function count(what, n) events[what] = (events[what] or 0) + (n or 1) end

-- Count a duration in the bucket with the smallest bound that it does not exceed.
local function observe_duration(what, ms)
  count(what .. ':sum', math.floor(ms))
  for _, bound in ipairs(BUCKETS_MS) do
    if ms <= bound then return count(what .. ':' .. bound) end
  end
  count(what .. ':inf')
end

-- Add what was counted to the counters, and return the counter `wanted` if it is among them. No other script runs
-- meanwhile, so two commands read and write any number of counters.
local function save_counts(wanted)
  local names = {}
  for name in pairs(events) do names[#names + 1] = name end
  if #names == 0 then return end
  if #names == 1 then return redis.call('HINCRBY', COUNTERS, names[1], events[names[1]]) end
  local values, found = redis.call('HMGET', COUNTERS, unpack(names)), nil
  local counters = {}
  for i, name in ipairs(names) do
    local value = (values[i] or 0) + events[name]
    counters[2 * i - 1], counters[2 * i] = name, value
    if name == wanted then found = value end
  end
  redis.call('HSET', COUNTERS, unpack(counters))
  return found
end
