-- Register a worker that consumes, or renew its registration, and announce its environments.
-- args: worker (JSON text), seconds until the registration lapses, announced_seconds until the announcements lapse
-- payloads: the environments
redis.call('ZREMRANGEBYSCORE', WORKERS, '-inf', time[1] - 1)
redis.call('ZREMRANGEBYSCORE', ANNOUNCED, '-inf', time[1] - 1)
redis.call('ZADD', WORKERS, time[1] + args.seconds, args.worker)
for i = 3, #ARGV do redis.call('ZADD', ANNOUNCED, time[1] + args.announced_seconds, ARGV[i]) end
return 1
