-- Register a worker that consumes, or renew its registration, and announce its environments.
-- args: worker (JSON text), seconds until the registration lapses, announced_seconds until the announcements lapse,
--   gone_seconds (for which a worker that has vanished is remembered), gone_most (their maximum)
-- payloads: the environments
local vanished = redis.call('ZRANGEBYSCORE', WORKERS, '-inf', time[1] - 1, 'WITHSCORES')
for i = 1, #vanished, 2 do
  redis.call('ZREM', WORKERS, vanished[i])
  redis.call('ZADD', GONE_WORKERS, vanished[i + 1], vanished[i])
end
redis.call('ZREMRANGEBYSCORE', ANNOUNCED, '-inf', time[1] - 1)
redis.call('ZADD', WORKERS, time[1] + args.seconds, args.worker)
-- It may have vanished for a while only, because it had no connection.
redis.call('ZREM', GONE_WORKERS, args.worker)
redis.call('ZREMRANGEBYSCORE', GONE_WORKERS, '-inf', time[1] - args.gone_seconds)
redis.call('ZREMRANGEBYRANK', GONE_WORKERS, 0, -args.gone_most - 1)
for i = 3, #ARGV do redis.call('ZADD', ANNOUNCED, time[1] + args.announced_seconds, ARGV[i]) end
return 1
