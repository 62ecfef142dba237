-- The names of the keys. A script derives them from ids and owners that it reads, so it does not run on a Redis
-- Cluster. Neither does Celery.
--
-- The collections that contain a job, besides its owner's `jobs`:
--   queued    QUEUED, and its owner's `queue` of its environment
--   running   RUNNING, and its owner's `running` set unless the owner is ''
--   final     FINAL, until its record expires

local function job_key(id) return JOB .. id end
local function earlier_waiters_key(id) return EARLIER_WAITERS .. id end
local function followers_key(id) return FOLLOWERS .. id end
local function events_key(id) return EVENTS .. id end
local function files_key(id) return FILES .. id end
local function artifacts_key(id) return ARTIFACTS .. id end
local function owner_key(owner, what) return OWNER .. owner .. ':' .. what end

-- Return the key of an environment. That of stdlib has no suffix, because earlier versions knew only stdlib.
local function in_environment(key, environment)
  return environment == STDLIB and key or key .. ':' .. environment
end
local function queue_key(owner, environment) return in_environment(owner_key(owner, 'queue'), environment) end
local function rotation_key(environment) return ROTATION .. environment end
