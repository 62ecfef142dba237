-- Read the history: a snapshot of this moment, then the stored snapshots, the latest first.
-- args: none
return {snapshot(), unpack(redis.call('LRANGE', HISTORY, 0, -1))}
