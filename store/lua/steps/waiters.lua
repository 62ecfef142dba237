-- The requests that wait for a job: the reply channels of their processes, one on each line of the field `waiters` of
-- the record. A record of version 0.2.0 does not have the field: its waiters are in a set of their own, where processes
-- of both versions register.

-- Register a waiter's reply channel for the wake-up of a job. waiters: that field of the record.
local function add_waiter(id, waiters, reply)
  if not waiters then
    redis.call('SADD', earlier_waiters_key(id), reply)
    redis.call('EXPIRE', earlier_waiters_key(id), CHANNELS_TTL)
  elseif waiters == '' then
    redis.call('HSET', job_key(id), 'waiters', reply)
  elseif not string.find('\n' .. waiters .. '\n', '\n' .. reply .. '\n', 1, true) then
    redis.call('HSET', job_key(id), 'waiters', waiters .. '\n' .. reply)
  end
end

-- Wake the waiters of a job that has become final. fields: the values of FIELDS.
local function wake_waiters(id, waiters, fields)
  if waiters == '' then return end
  local outcome = fields[#FIELDS]
  -- A final record never changes. The wake-up contains a small record, which saves the waiter a read.
  local wake_up = cjson.encode(#(outcome or '') <= WAKE_UP_BYTES and {id, fields} or {id})
  if waiters then
    for reply in string.gmatch(waiters, '[^\n]+') do redis.call('PUBLISH', reply, wake_up) end
  else
    for _, reply in ipairs(redis.call('SMEMBERS', earlier_waiters_key(id))) do redis.call('PUBLISH', reply, wake_up) end
    redis.call('DEL', earlier_waiters_key(id))
  end
end
