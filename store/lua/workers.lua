-- Return the registered workers as JSON texts.
-- args: none
return redis.call('ZRANGEBYSCORE', WORKERS, time[1], '+inf')
