-- What a script gets: its arguments and the time.
--
-- ARGV[1]   the arguments of the script: one JSON object
-- ARGV[2]   the notification for a worker: the text of a Celery message, '' for none
-- ARGV[3…]  payloads: JSON texts of a client or a worker. The scripts store them unparsed
--
-- Times are milliseconds by the clock of Redis. `now` is read once, so all times of one script are equal.

local args = cjson.decode(ARGV[1])
local notification = ARGV[2]

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
