-- Steps of check_admission.lua and submit.lua: decide whether the store accepts more jobs.
--
-- args.owner           the owner of the jobs; the bounds of one owner do not apply to ''
-- args.queue_max       maximum number of queued jobs
-- args.key_queued_max  maximum number of queued jobs of this owner
-- args.key_rate        jobs that this owner may submit per second, 0 for no maximum
-- args.key_bytes_max   maximum bytes of all jobs of this owner, 0 for no maximum

-- Return the number of tokens in the owner's token bucket. The bucket fills up continuously.
local function tokens_left(owner, rate)
  local size = math.max(1, rate)
  local bucket = redis.call('HMGET', owner_key(owner, 'rate'), 'left', 'at')
  return bucket[1] and math.min(size, bucket[1] + (now - bucket[2]) * rate / 1000) or size
end

-- Take one token for each job from the bucket. A batch larger than the bucket is accepted as a whole and leaves
-- a negative number of tokens, so later submissions are refused until the bucket has filled up again.
local function take_tokens(owner, jobs, rate)
  local left = tokens_left(owner, rate) - jobs
  redis.call('HSET', owner_key(owner, 'rate'), 'left', tostring(left), 'at', now)
  redis.call('PEXPIRE', owner_key(owner, 'rate'), math.ceil((math.max(1, rate) - left) / rate * 1000))
end

-- Return whether an owner's jobs may take so many bytes more.
local function have_room(owner, bytes)
  local sums = redis.call('HMGET', owner_key(owner, 'bytes'), 'active', 'kept')
  return (sums[1] or 0) + (sums[2] or 0) + bytes <= args.key_bytes_max
end

-- Return how many jobs of an owner are queued in all environments.
local function queued_of(owner)
  local jobs = 0
  for _, environment in ipairs(environments()) do
    jobs = jobs + redis.call('ZCARD', queue_key(owner, environment))
  end
  return jobs
end

-- Return the seconds until the record of the owner's oldest job expires, 0 if that job is not final.
local function seconds_to_expiry(owner)
  local oldest = redis.call('ZRANGE', owner_key(owner, 'jobs'), 0, 0)[1]
  return oldest and math.max(0, redis.call('PTTL', job_key(oldest)) / 1000) or 0
end

-- Return why so many jobs of so many bytes are refused: {'full', 'key' | 'service'}, {'rate', seconds as text} or
-- {'bytes', seconds as text}; nil if they are accepted.
local function refusal(jobs, bytes)
  local owner, rate = args.owner, args.key_rate
  if redis.call('ZCARD', QUEUED) + jobs > args.queue_max then return {'full', 'service'} end
  if owner == '' then return nil end
  if queued_of(owner) + jobs > args.key_queued_max then return {'full', 'key'} end
  if args.key_bytes_max > 0 and not have_room(owner, bytes) then return {'bytes', tostring(seconds_to_expiry(owner))} end
  local left = rate > 0 and tokens_left(owner, rate) or 1
  if left < 1 then return {'rate', tostring((1 - left) / rate)} end
end
