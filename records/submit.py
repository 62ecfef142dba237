"""Submit: make a job's record, at most once for each idempotency key."""

import hashlib
import json
from dataclasses import dataclass

from redis import Redis

from records import keys
from sandbox.job import Job

#: How long an idempotency key is remembered, in seconds.
IDEMPOTENCY_TTL = 24 * 3600

# KEYS: record, waiters, idempotency key ('' without one)
# ARGV: id, job JSON, limits JSON, seconds to live, reply list ('' without a waiter),
#       digest of the job, seconds the idempotency key lives, what comes before an id in a record's key
# Returns {id, 'created' | 'existing' | 'conflict'}
_SCRIPT = """
if KEYS[3] ~= '' then
  local known = redis.call('HMGET', KEYS[3], 'id', 'digest')
  -- A key outlives its job; then it is free again.
  if known[1] and redis.call('EXISTS', ARGV[8] .. known[1]) == 1 then
    return {known[1], known[2] == ARGV[6] and 'existing' or 'conflict'}
  end
  redis.call('HSET', KEYS[3], 'id', ARGV[1], 'digest', ARGV[6])
  redis.call('EXPIRE', KEYS[3], ARGV[7])
end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'status', 'queued', 'job', ARGV[2], 'limits', ARGV[3],
  'created_ms', now[1] * 1000 + math.floor(now[2] / 1000))
redis.call('EXPIRE', KEYS[1], ARGV[4])
if ARGV[5] ~= '' then
  redis.call('SADD', KEYS[2], ARGV[5])
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return {ARGV[1], 'created'}
"""


class IdempotencyConflict(Exception):
    """The idempotency key was used before, for another job."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The id of the job; created is False where the idempotency key named an earlier one."""

    id: str
    created: bool


class Submit:
    """The submit script, bound to one Redis client (decoding answers to text)."""

    def __init__(self, redis: "Redis", ttl: int) -> None:
        """Bind to `redis`; a job not finished within `ttl` seconds is forgotten."""
        self._script = redis.register_script(_SCRIPT)
        self._ttl = ttl

    def __call__(self, job_id: str, job: Job, *, reply: str = "", idempotency_key: str = "") -> Submitted:
        """Make the record of `job` under `job_id`.

        reply: the list to push the id to when the job is final.
        Raises IdempotencyConflict, and redis.RedisError.
        """
        payload = json.dumps(job.to_wire())
        found, what = self._script(
            keys=[
                keys.job(job_id),
                keys.waiters(job_id),
                keys.idempotency(_digest(idempotency_key)) if idempotency_key else "",
            ],
            args=[
                job_id,
                payload,
                json.dumps(job.limits.to_wire()),
                self._ttl,
                reply,
                _digest(json.dumps(job.to_wire(), sort_keys=True)) if idempotency_key else "",
                IDEMPOTENCY_TTL,
                keys.job(""),
            ],
        )
        if what == "conflict":
            raise IdempotencyConflict(found)
        return Submitted(found, created=what == "created")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
