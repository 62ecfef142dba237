-- Read the state of the queue in numbers.
-- args: none
-- Returns {jobs running, {counter, value…}, jobs queued by class…}.
return {redis.call('ZCARD', RUNNING), redis.call('HGETALL', COUNTERS), unpack(queued_by_class())}
