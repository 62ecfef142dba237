-- The output of a job that clients follow while the job runs.

-- Register a follower's reply channel.
local function add_follower(id, reply)
  redis.call('SADD', followers_key(id), reply)
  redis.call('EXPIRE', followers_key(id), CHANNELS_TTL)
end

-- Tell the followers of a job that there is something to read.
local function notify_followers(id)
  for _, reply in ipairs(redis.call('SMEMBERS', followers_key(id))) do
    redis.call('PUBLISH', reply, cjson.encode({progress = id}))
  end
end

-- Make the output so far void. Return the number of the next run.
local function void_output(id)
  redis.call('DEL', events_key(id))
  local run = redis.call('HINCRBY', job_key(id), 'run', 1)
  notify_followers(id)
  return run
end

-- Return the bytes of each output in the events of a job.
local function output_ends(id)
  local ends = {stdout = 0, stderr = 0}
  local last = redis.call('XREVRANGE', events_key(id), '+', '-', 'COUNT', 1)[1]
  if last then
    local _, stream, _, offset, _, text = unpack(last[2])
    ends[stream] = offset + #text
    ends[stream == 'stdout' and 'stderr' or 'stdout'] = string.match(last[1], '%d+$') - ends[stream]
  end
  return ends
end
