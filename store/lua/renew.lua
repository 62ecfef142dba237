-- Prolong the lease of a running job.
-- args: id, token, lease_ms
-- Returns 1, or 0 if the job no longer runs or if a later claim has replaced this one.
if not is_claimed(args.id, args.token) then return 0 end
redis.call('ZADD', RUNNING, now + args.lease_ms, args.id)
return 1
