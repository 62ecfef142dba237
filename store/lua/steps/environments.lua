-- The environments with queued jobs.

-- Return stdlib and every other environment that has queued jobs. Read once, because most scripts need it
-- several times or not at all.
local known_environments
local function environments()
  if not known_environments then
    known_environments = redis.call('HKEYS', QUEUED_ENVIRONMENTS)
    table.insert(known_environments, 1, STDLIB)
  end
  return known_environments
end

-- Count the jobs queued in an environment besides stdlib.
local function count_queued(environment, n)
  if environment == STDLIB or n == 0 then return end
  local jobs = redis.call('HINCRBY', QUEUED_ENVIRONMENTS, environment, n)
  if jobs == 0 then redis.call('HDEL', QUEUED_ENVIRONMENTS, environment) end
  if jobs == 0 or jobs == n then known_environments = nil end
end
