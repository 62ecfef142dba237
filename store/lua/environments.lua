-- Read the announced environments.
-- args: none
-- Returns {JSON text, seconds until the announcement lapses…}.
local answer = redis.call('ZRANGEBYSCORE', ANNOUNCED, time[1], '+inf', 'WITHSCORES')
for i = 2, #answer, 2 do answer[i] = answer[i] - time[1] end
return answer
