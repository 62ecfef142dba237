-- What the jobs of an owner take.
--
-- The `bytes` of a record is what the job takes in Redis: its fields with a client's data, and a fixed amount for
-- everything else. An owner's `bytes` are the sums over its jobs that are not final (`active`) and over its final
-- jobs (`kept`). The owner '' has no maximums, so nothing is counted for it.

-- Add to the bytes of an owner's jobs: `active` or `kept`.
local function add_bytes(owner, state, bytes)
  if owner == '' then return end
  local key = owner_key(owner, 'bytes')
  if redis.call('HINCRBY', key, state, bytes) == 0 then redis.call('HDEL', key, state) end
end

-- Return whether no job of an owner may start.
-- args.running_max    maximum number of jobs of one owner that run at once, 0 for no maximum
-- args.key_bytes_max  bytes of final jobs of one owner at which none of its jobs starts, 0 for no maximum
local function is_at_maximum(owner)
  if owner == '' then return false end
  return args.running_max > 0 and redis.call('SCARD', owner_key(owner, 'running')) >= args.running_max
    or args.key_bytes_max > 0
      and tonumber(redis.call('HGET', owner_key(owner, 'bytes'), 'kept') or 0) >= args.key_bytes_max
end
