-- Write the outcome of a job and claim the next one. running -> succeeded | failed.
-- args: id, token, status, error_type ('' for none), sandbox ('' for none), run (the run whose output is in the
--   outcome, absent for none), artifacts ([[path, SHA-256], …] of those that are kept), claim_next, and the arguments
--   of steps/claiming.lua
-- payloads: the outcome, the contents of the artifacts
-- Returns {1 if the outcome counts, else 0, the answer of claim()…}.
local outcome = ARGV[3]
local record = record_of(args.id)
local status, owner, _, _, _, extras, _, created_ms, started_ms, _, _, token = unpack(record, 1, 12)
local counts = 0
if tonumber(token) == args.token then
  if status == 'running' then
    remove_running(args.id, owner)
    -- Followers may have output of a run that failed, while the outcome has none, or that of the next run.
    if extras and tonumber(redis.call('HGET', job_key(args.id), 'run')) ~= args.run then void_output(args.id) end
    local artifact_bytes = add_artifacts(args.id, args.artifacts, 4, args.result_ttl)
    finalize(args.id, record, args.status, outcome, args.error_type, args.result_ttl, artifact_bytes)
    observe_duration('waited', started_ms - created_ms)
    observe_duration('ran', now - started_ms)
    if args.sandbox ~= '' then count('sandbox:' .. args.sandbox) end
    counts = 1
  elseif status == args.status then
    -- The worker repeats the call because the first answer was lost.
    counts = 1
  end
end
local claimed = args.claim_next and claim() or {}
return notify({counts, unpack(claimed)})
