"""The Lua scripts: each change of a job's state is one of them, and these are the steps they share.

A script names the keys it needs from the ids and owners it finds on its way, so it does not run on a Redis
Cluster; Celery does not either. Each allows itself to run while Redis is full, unless it is told otherwise:
what it writes is small, or replaces something larger, and a job must come to its end.
"""

from collections.abc import Sequence
from typing import Any, Final

from redis import Redis
from redis.client import Pipeline
from redis.commands.core import Script

from config.names import MARK
from store import keys
from store.queue_class import QUEUE_CLASSES
from store.record import FIELDS

#: The upper bounds of what is counted by how long it took, in milliseconds; longer is `inf`.
BUCKETS_MS: Final = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)

#: The longest outcome that goes along with a wake-up, in bytes: nobody may be there any more to take it.
WAKE_BYTES: Final = 16 * 1024

_LANES: Final = ", ".join(f"'{lane.name}'" for lane in QUEUE_CLASSES)
_ROTATIONS: Final = ", ".join(f"'{keys.rotation(lane.name)}'" for lane in QUEUE_CLASSES)
_FIELDS: Final = ", ".join(f"'{field}'" for field in FIELDS)

# Times are milliseconds by the clock of Redis. `now` is read once, so a script is one moment.
# A job that runs is in RUNNING and its owner's `running`; one that waits is in QUEUED, its owner's `queued`
# and the list of its lane and owner; that owner is either in the lane's rotation or among those held.
_SHARED: Final = f"""
local QUEUE_CLASSES = {{{_LANES}}}
local BUCKETS = {{{", ".join(map(str, BUCKETS_MS))}}}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function job_key(id) return '{keys.JOB}' .. id end
local function waiting_key(lane, owner) return '{keys.LANE}' .. lane .. ':of:' .. owner end
local function rotation_key(lane) return '{keys.LANE}' .. lane .. ':owners' end
local function held_key(lane) return '{keys.LANE}' .. lane .. ':held' end
local function owned_key(owner, what) return '{keys.OWNER}' .. owner .. ':' .. what end
local function count(what, n) redis.call('HINCRBY', '{keys.COUNTERS}', what, n or 1) end

-- Return what is public of a job, in the order of FIELDS.
local function told(id) return redis.call('HMGET', job_key(id), {_FIELDS}) end
-- Count how long something took, in the bucket of the least of BUCKETS it does not exceed.
local function observe(what, ms)
  count(what .. ':sum', math.floor(ms))
  for _, most in ipairs(BUCKETS) do
    if ms <= most then return count(what .. ':' .. most) end
  end
  count(what .. ':inf')
end

-- Say whether there is a job that no cap holds back.
local function may_run() return redis.call('EXISTS', {_ROTATIONS}) > 0 end

-- Put a job at the end of its lane.
local function append(id, lane, owner, deadline)
  redis.call('ZADD', '{keys.QUEUED}', deadline, id)
  redis.call('SADD', owned_key(owner, 'queued'), id)
  if redis.call('RPUSH', waiting_key(lane, owner), id) == 1 then
    redis.call('RPUSH', rotation_key(lane), owner)
  end
end

-- Forget that a job waits, wherever it stands in its lane.
local function remove(id, lane, owner)
  redis.call('ZREM', '{keys.QUEUED}', id)
  redis.call('SREM', owned_key(owner, 'queued'), id)
  redis.call('LREM', waiting_key(lane, owner), 1, id)
  if redis.call('EXISTS', waiting_key(lane, owner)) == 0 then
    redis.call('LREM', rotation_key(lane), 1, owner)
    redis.call('SREM', held_key(lane), owner)
  end
end

-- Give an owner whom a cap held back its turn again, in every lane.
local function let_go(owner)
  for _, lane in ipairs(QUEUE_CLASSES) do
    if redis.call('SREM', held_key(lane), owner) == 1 then
      redis.call('LPUSH', rotation_key(lane), owner)
    end
  end
end

-- Forget that a job runs.
local function stop(id, owner)
  redis.call('ZREM', '{keys.RUNNING}', id)
  redis.call('SREM', owned_key(owner, 'running'), id)
  let_go(owner)
end

-- Put a job that ran first in its lane, and its owner first in the rotation.
local function put_back(id, lane, owner, deadline)
  stop(id, owner)
  redis.call('HSET', job_key(id), 'status', 'queued')
  redis.call('HDEL', job_key(id), 'started_ms')
  redis.call('ZADD', '{keys.QUEUED}', deadline, id)
  redis.call('SADD', owned_key(owner, 'queued'), id)
  redis.call('LPUSH', waiting_key(lane, owner), id)
  redis.call('LREM', rotation_key(lane), 1, owner)
  redis.call('LPUSH', rotation_key(lane), owner)
end

-- End a job that neither waits nor runs any more, and wake whoever waits for it.
local function conclude(id, owner, status, outcome, error, ttl, reply_ttl)
  local key = job_key(id)
  redis.call('HDEL', key, 'job')
  redis.call('HSET', key, 'status', status, 'finished_ms', now)
  if outcome ~= '' then redis.call('HSET', key, 'outcome', outcome) end
  redis.call('EXPIRE', key, ttl)
  redis.call('ZADD', '{keys.KEPT}', now + ttl * 1000, id .. ' ' .. owner)
  count('finished:' .. status .. (error ~= '' and ':' .. error or ''))
  local waiters = '{keys.WAITERS}' .. id
  local replies = redis.call('SMEMBERS', waiters)
  if #replies == 0 then return end
  -- What does not change any more may go along, so that whoever waits need not come and read it.
  local message = cjson.encode(#outcome <= {WAKE_BYTES} and {{id, told(id)}} or {{id}})
  for _, reply in ipairs(replies) do
    redis.call('RPUSH', reply, message)
    redis.call('EXPIRE', reply, reply_ttl)
  end
  redis.call('DEL', waiters)
end
"""


# Wrapped around each change. One message is enough for any number of jobs: whoever claims by it, and leaves
# more to do, leaves another. Those that find nothing to do any more would cost a worker something each.
_CHANGE: Final = (
    """
local hint = table.remove(ARGV)
local function change()
%s
end
local answer = change()
-- Should it fail, the change holds all the same: the reconciler finds that there is no message.
if hint ~= '' and may_run() and redis.pcall('LLEN', '{hints}') == 0 then
  local id = string.format('%%032x', redis.call('HINCRBY', '{counters}', 'hints', 1))
  redis.pcall('LPUSH', '{hints}', (string.gsub(hint, '{mark}', id)))
end
return answer
""".replace("{hints}", keys.HINTS)
    .replace("{counters}", keys.COUNTERS)
    .replace("{mark}", MARK)
)


def script(redis: "Redis", body: str, *, when_full: bool = True) -> Script:
    """Return the script of the shared steps and `body`, bound to `redis` (decoding answers to text).

    when_full: whether it may write while Redis holds as much as it may.
    """
    flags = " flags=allow-oom" if when_full else ""
    return redis.register_script(f"#!lua{flags}\n{_SHARED}\n{body}")


class Change:
    """A script that changes what is to do, and sees to it that a message says so while there is something."""

    def __init__(self, redis: "Redis", body: str, *, hint: str, when_full: bool = True) -> None:
        """Bind to `redis`.

        hint: the message that makes a worker look for jobs (config.notification); '' for none.
        when_full: as for `script`.
        """
        self._script = script(redis, _CHANGE % body, when_full=when_full)
        self._hint = hint

    def __call__(
        self, *, args: Sequence[str | int | float], keys: Sequence[str] = (), client: Any = None
    ) -> Any:
        """Run it, by `client` if it is given; raises redis.RedisError."""
        return self._script(keys=keys, args=[*args, self._hint], client=client)

    def queue(self, pipeline: Pipeline, *, args: Sequence[str | int | float]) -> None:
        """Have it run by a pipeline, which fails with NoScriptError where Redis does not know it yet."""
        # Not by calling the script with the pipeline: that asks Redis each time whether it knows it.
        pipeline.evalsha(self._script.sha, 0, *args, self._hint)
