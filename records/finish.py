"""Finish: write a job's outcome and wake whoever waits for it."""

import json

from redis import Redis

from records import keys
from records.record import Status
from sandbox.outcome import Outcome

#: Seconds a wake-up waits on a reply list: a listener that is gone must not leave keys behind.
REPLY_TTL = 60

# KEYS: record, waiters
# ARGV: token, status, outcome JSON, seconds to live, id, seconds a reply list lives
# Returns 1, or 0 where the token is not the one of the latest claim.
_SCRIPT = """
local held = redis.call('HMGET', KEYS[1], 'status', 'attempts')
if held[1] ~= 'running' or held[2] ~= ARGV[1] then return 0 end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'status', ARGV[2], 'outcome', ARGV[3],
  'finished_ms', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('HDEL', KEYS[1], 'job')
redis.call('EXPIRE', KEYS[1], ARGV[4])
for _, reply in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  redis.call('RPUSH', reply, ARGV[5])
  redis.call('EXPIRE', reply, ARGV[6])
end
redis.call('DEL', KEYS[2])
return 1
"""


class Finish:
    """The finish script, bound to one Redis client."""

    def __init__(self, redis: "Redis", ttl: int) -> None:
        """Bind to `redis`; a finished job can be looked up for `ttl` seconds."""
        self._script = redis.register_script(_SCRIPT)
        self._ttl = ttl

    def __call__(self, job_id: str, token: int, outcome: Outcome) -> bool:
        """Write `outcome`; return False where another claim has overtaken this one."""
        status = Status.FAILED if outcome.error else Status.SUCCEEDED
        done = self._script(
            keys=[keys.job(job_id), keys.waiters(job_id)],
            args=[token, status, json.dumps(outcome.to_wire()), self._ttl, job_id, REPLY_TTL],
        )
        return bool(done)
