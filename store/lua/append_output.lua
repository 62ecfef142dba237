-- Add to the output of a run, and tell the followers.
-- args: id, token, run, chunks ([[stream, offset], …])
-- payloads: the text of each chunk
-- Returns 1, or 0 if the output cannot be continued: the claim or the run is not the latest, a text before a chunk
-- is missing, or there are too many events.
if not is_claimed(args.id, args.token) then return 0 end
if tonumber(redis.call('HGET', job_key(args.id), 'run')) ~= args.run then return 0 end
local key, ends, continued = events_key(args.id), output_ends(args.id), 1
for i, chunk in ipairs(args.chunks) do
  local stream, offset, text = chunk[1], chunk[2], ARGV[2 + i]
  -- A worker repeats a call if the answer was lost.
  if offset + #text > ends[stream] then
    local bytes = ends.stdout + ends.stderr + #text
    if offset ~= ends[stream] or bytes > OUTPUTS_BYTES or redis.call('XLEN', key) >= MOST_EVENTS then
      continued = 0
      break
    end
    redis.call('XADD', key, args.run .. '-' .. bytes, 'stream', stream, 'offset', offset, 'text', text)
    ends[stream] = offset + #text
  end
end
redis.call('EXPIRE', key, CHANNELS_TTL)
notify_followers(args.id)
return continued
