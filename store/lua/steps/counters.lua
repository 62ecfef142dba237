-- Counts of events, for statistics.lua.

local function count(what, n) redis.call('HINCRBY', COUNTERS, what, n or 1) end

-- Count a duration in the bucket with the smallest bound that it does not exceed.
local function observe_duration(what, ms)
  count(what .. ':sum', math.floor(ms))
  for _, bound in ipairs(BUCKETS_MS) do
    if ms <= bound then return count(what .. ':' .. bound) end
  end
  count(what .. ':inf')
end
