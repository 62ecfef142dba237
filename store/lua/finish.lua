-- Write the outcome of a job and claim the next one. running -> succeeded | failed.
-- args: id, token, status, error_type ('' for none), sandbox ('' for none), claim_next, and the arguments of
--   claiming.lua
-- payloads: the outcome
-- Returns {1 if the outcome counts, else 0, the answer of claim()…}.
local outcome = ARGV[3]
local record = redis.call('HMGET', job_key(args.id), 'status', 'token', 'owner', 'created_ms', 'started_ms')
local counts = 0
if tonumber(record[2]) == args.token then
  if record[1] == 'running' then
    remove_running(args.id, record[3])
    finalize(args.id, record[3], args.status, outcome, args.error_type, args.result_ttl)
    observe_duration('waited', record[5] - record[4])
    observe_duration('ran', now - record[5])
    if args.sandbox ~= '' then count('sandbox:' .. args.sandbox) end
    counts = 1
  elseif record[1] == args.status then
    -- The worker repeats the call because the first answer was lost.
    counts = 1
  end
end
local claimed = args.claim_next and claim() or {}
return notify({counts, unpack(claimed)})
