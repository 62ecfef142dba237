-- The public part of a record.

-- Return the fields of a record that clients may see, in the order of FIELDS.
local function public_fields(id) return redis.call('HMGET', job_key(id), unpack(FIELDS)) end
