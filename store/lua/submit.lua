-- Create and queue jobs, all or none. -> queued.
-- args: jobs ([[id, class, mode, environment, extras (whether it may have more keys), paths of its files], …]),
--   reply (the reply channel of a waiter, '' for none), idempotency_key (a Redis key, '' for none), digest (of the
--   submissions), queue_ttl_ms, files_ttl_ms, and the arguments of steps/admission.lua
-- payloads: for each job the stored form of the job and of its limits, and the contents of its files
-- Returns {'created', the time, id…}, {'existing' | 'conflict', false, id…} or the answer of refusal().
local owner, jobs = args.owner, args.jobs

if args.idempotency_key ~= '' then
  local known = redis.call('HMGET', args.idempotency_key, 'ids', 'digest')
  local ids = known[1] and cjson.decode(known[1]) or {}
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', job_key(id)) == 1 then
      return {known[2] == args.digest and 'existing' or 'conflict', false, unpack(ids)}
    end
  end
end

local fixed = RECORD_BYTES + (args.idempotency_key ~= '' and IDEMPOTENCY_BYTES or 0)
local bytes, payload = 0, 3
for _, one in ipairs(jobs) do
  -- What the job takes until it ends, with its input; and the index of its payloads.
  one.input_bytes, one.payload = #ARGV[payload], payload
  for i, path in ipairs(one[6]) do
    one.input_bytes = one.input_bytes + content_bytes(path, ARGV[payload + 1 + i])
  end
  one.bytes = fixed + one.input_bytes + #ARGV[payload + 1]
  bytes, payload = bytes + one.bytes, payload + 2 + #one[6]
end

local refused = refusal(#jobs, bytes)
if refused then return refused end
if owner ~= '' and args.key_rate > 0 then take_tokens(owner, #jobs, args.key_rate) end

local ids, deadline = {}, now + args.queue_ttl_ms
for i, one in ipairs(jobs) do
  local id, class, mode, environment, extras, paths = unpack(one)
  local job, limits = ARGV[one.payload], ARGV[one.payload + 1]
  local sequence = redis.call('INCR', SEQUENCE)
  ids[i] = id
  redis.call('HSET', job_key(id), 'status', 'queued', 'job', job, 'limits', limits, 'owner', owner, 'class', class,
    'sequence', sequence, 'created_ms', now, 'deadline_ms', deadline, 'attempts', 0, 'token', 0,
    'bytes', one.bytes, 'input_bytes', one.input_bytes, 'waiters', args.reply)
  add_files(id, paths, one.payload + 2, args.files_ttl_ms)
  if extras then redis.call('HSET', job_key(id), 'extras', 1) end
  if environment ~= STDLIB then redis.call('HSET', job_key(id), 'environment', environment) end
  if mode ~= MAIN then redis.call('HSET', job_key(id), 'mode', mode) end
  if not runnable[environment] then enter(owner, environment, sequence) end
  enqueue(id, class, owner, environment, deadline, sequence)
  redis.call('ZADD', owner_key(owner, 'jobs'), sequence, id)
  if args.idempotency_key ~= '' then redis.call('HSET', job_key(id), 'idempotency', args.idempotency_key) end
  count('submitted:' .. mode .. ':' .. environment)
end
add_bytes(owner, 'active', bytes)
if args.idempotency_key ~= '' then
  -- The key may be left from jobs whose records were deleted.
  redis.call('DEL', args.idempotency_key)
  redis.call('HSET', args.idempotency_key, 'ids', cjson.encode(ids), 'digest', args.digest, 'unfinished', #jobs)
end
return notify({'created', now, unpack(ids)})
