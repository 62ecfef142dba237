-- Read the progress of a job, and register a follower if the job is not final. Both are one step, so nothing changes
-- between them without a wake-up.
-- args: id, owner, reply, run, bytes (of both outputs of that run that the client has)
-- Returns {status, run, 1 if there is more output, else 0, {id of an event, its fields}…}, or false if the owner has
-- no such job. Events of another run are returned from the first.
local record = redis.call('HMGET', job_key(args.id), 'owner', 'status', 'extras', 'run', 'waiters')
local owner, status, extras, run, waiters = unpack(record, 1, 5)
if owner ~= args.owner then return false end
run = tonumber(run or 0)
if status ~= 'queued' and status ~= 'running' then return {status, run, 0} end
add_waiter(args.id, waiters, args.reply)
if extras then add_follower(args.id, args.reply) end
if run == 0 then return {status, run, 0} end
local from = run == args.run and args.bytes or 0
-- No event has more than CHUNK_BYTES, so there is one within that distance if there is any.
local events = redis.call('XRANGE', events_key(args.id), '(' .. run .. '-' .. from, run .. '-' .. from + CHUNK_BYTES,
  'COUNT', MOST_READ)
local last = events[1] and redis.call('XREVRANGE', events_key(args.id), '+', '-', 'COUNT', 1)[1]
return {status, run, last and last[1] ~= events[#events][1] and 1 or 0, unpack(events)}
