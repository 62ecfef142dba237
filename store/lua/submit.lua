-- Create and queue jobs, all or none. -> queued.
-- args: jobs ([[id, class, mode], …]), reply (the reply channel of a waiter, '' for none), idempotency_key (a Redis
--   key, '' for none), digest (of the submissions), queue_ttl_ms, and the arguments of admission.lua
-- payloads: for each job the stored form of the job and of its limits
-- Returns {'created', the time, id…}, {'existing' | 'conflict', false, id…} or the answer of refusal().
local owner, jobs = args.owner, args.jobs

if args.idempotency_key ~= '' then
  local known = redis.call('HMGET', args.idempotency_key, 'ids', 'digest')
  local ids = known[1] and cjson.decode(known[1]) or {}
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', job_key(id)) == 1 then
      return notify({known[2] == args.digest and 'existing' or 'conflict', false, unpack(ids)})
    end
  end
end

local fixed = RECORD_BYTES + (args.idempotency_key ~= '' and IDEMPOTENCY_BYTES or 0)
local bytes = #jobs * fixed
for i = 3, #ARGV do bytes = bytes + #ARGV[i] end

local refused = refusal(#jobs, bytes)
if refused then return notify(refused) end
if owner ~= '' and args.key_rate > 0 then take_tokens(owner, #jobs, args.key_rate) end

local ids, deadline = {}, now + args.queue_ttl_ms
if redis.call('EXISTS', owner_key(owner, 'queue')) == 0 then redis.call('RPUSH', ROTATION, owner) end
for i, one in ipairs(jobs) do
  local id, class, mode, job, limits = one[1], one[2], one[3], ARGV[2 * i + 1], ARGV[2 * i + 2]
  local sequence = redis.call('INCR', SEQUENCE)
  ids[i] = id
  redis.call('HSET', job_key(id), 'status', 'queued', 'job', job, 'limits', limits, 'owner', owner, 'class', class,
    'sequence', sequence, 'created_ms', now, 'deadline_ms', deadline, 'attempts', 0, 'token', 0,
    'bytes', fixed + #job + #limits, 'input_bytes', #job)
  enqueue(id, class, owner, deadline, sequence)
  redis.call('ZADD', owner_key(owner, 'jobs'), sequence, id)
  if args.reply ~= '' then add_waiter(id, args.reply) end
  if args.idempotency_key ~= '' then redis.call('HSET', job_key(id), 'idempotency', args.idempotency_key) end
  count('submitted:' .. mode)
end
add_bytes(owner, 'active', bytes)
if args.idempotency_key ~= '' then
  -- The key may be left from jobs whose records were deleted.
  redis.call('DEL', args.idempotency_key)
  redis.call('HSET', args.idempotency_key, 'ids', cjson.encode(ids), 'digest', args.digest, 'unfinished', #jobs)
end
return notify({'created', now, unpack(ids)})
