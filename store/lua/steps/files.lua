-- The files and the artifacts of a job, each in a hash of its own: contents by path. That of the artifacts also has
-- the SHA-256 of each, at its path with a slash in front, which no path begins with.

-- Return the bytes that a content takes in Redis, in addition to the record.
local function content_bytes(path, content) return FILE_BYTES + #path + #content end

-- Store the files of a job for a while and count them. contents: their bytes, in ARGV from this index on.
local function add_files(id, paths, contents, ttl_ms)
  if #paths == 0 then return end
  local key, bytes = files_key(id), 0
  for i, path in ipairs(paths) do
    local content = ARGV[contents + i - 1]
    redis.call('HSET', key, path, content)
    bytes = bytes + #content
  end
  redis.call('PEXPIRE', key, ttl_ms)
  count('files', #paths)
  count('file_bytes', bytes)
end

-- Return the bytes that the artifacts of a job take.
local function artifacts_bytes(id)
  local bytes = 0
  for _, path in ipairs(redis.call('HKEYS', artifacts_key(id))) do
    if string.sub(path, 1, 1) ~= '/' then
      bytes = bytes + FILE_BYTES + #path + redis.call('HSTRLEN', artifacts_key(id), path)
    end
  end
  return bytes
end

-- Store the artifacts of a job and return the bytes that they take. artifacts: [[path, SHA-256], …].
local function add_artifacts(id, artifacts, contents, ttl)
  if #artifacts == 0 then return 0 end
  local key, bytes, kept = artifacts_key(id), 0, 0
  for i, one in ipairs(artifacts) do
    local path, content = one[1], ARGV[contents + i - 1]
    redis.call('HSET', key, path, content, '/' .. path, one[2])
    bytes = bytes + #content
    kept = kept + content_bytes(path, content)
  end
  redis.call('EXPIRE', key, ttl)
  count('artifacts', #artifacts)
  count('artifact_bytes', bytes)
  return kept
end
