-- Create and queue jobs, all or none. -> queued.
-- args: jobs ([[id, class], …]), reply (the reply channel of a waiter, '' for none), idempotency_key (a Redis
--   key, '' for none), digest (of the submissions), queue_ttl_ms, and the arguments of admission.lua
-- payloads: for each job the stored form of the job and of its limits
-- Returns {'created' | 'existing' | 'conflict', id…} or the answer of refusal().
local owner, jobs = args.owner, args.jobs

if args.idempotency_key ~= '' then
  local known = redis.call('HMGET', args.idempotency_key, 'ids', 'digest')
  local ids = known[1] and cjson.decode(known[1]) or {}
  -- An idempotency key may outlive its jobs. When all of them have expired, the client may use it again.
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', job_key(id)) == 1 then
      return notify({known[2] == args.digest and 'existing' or 'conflict', unpack(ids)})
    end
  end
end

local refused = refusal(#jobs)
if refused then return notify(refused) end
if owner ~= '' and args.key_rate > 0 then take_tokens(owner, #jobs, args.key_rate) end

local ids, deadline = {}, now + args.queue_ttl_ms
for i, job in ipairs(jobs) do
  local id, class = job[1], job[2]
  ids[i] = id
  redis.call('HSET', job_key(id), 'status', 'queued', 'job', ARGV[2 * i + 1], 'limits', ARGV[2 * i + 2],
    'owner', owner, 'class', class, 'created_ms', now, 'deadline_ms', deadline, 'attempts', 0, 'token', 0)
  enqueue(id, class, owner, deadline)
  redis.call('ZADD', owner_key(owner, 'jobs'), redis.call('INCR', SEQUENCE), id)
  if args.reply ~= '' then add_waiter(id, args.reply) end
end
if args.idempotency_key ~= '' then
  redis.call('HSET', args.idempotency_key, 'ids', cjson.encode(ids), 'digest', args.digest)
  redis.call('EXPIRE', args.idempotency_key, IDEMPOTENCY_TTL)
end
count('submitted', #jobs)
return notify({'created', unpack(ids)})
