-- Read the workers that consume and the workers that have vanished.
-- args: gone_seconds (for which a worker that has vanished is remembered), gone_most (their maximum)
-- Returns {the time in seconds, {JSON text, time at which the registration lapses…} of registered workers, the same
-- of workers that have vanished}. Until another worker registers, a vanished worker is in the first list.
local since = time[1] - args.gone_seconds
return {
  tonumber(time[1]),
  redis.call('ZRANGEBYSCORE', WORKERS, since, '+inf', 'WITHSCORES'),
  redis.call('ZREVRANGEBYSCORE', GONE_WORKERS, '+inf', since, 'WITHSCORES', 'LIMIT', 0, args.gone_most),
}
