-- Register a worker that consumes, or renew its registration.
-- args: worker (JSON text), seconds until the registration lapses
redis.call('ZREMRANGEBYSCORE', WORKERS, '-inf', time[1] - 1)
redis.call('ZADD', WORKERS, time[1] + args.seconds, args.worker)
return 1
