"""Claim: take a queued job, so that exactly one worker's outcome will count."""

import json
from dataclasses import dataclass

from redis import Redis

from records import keys
from sandbox.job import Job

# KEYS: record
# Returns {job JSON, token} or nothing. A message may come twice, or after its record has
# expired: only a queued job is given out.
_SCRIPT = """
if redis.call('HGET', KEYS[1], 'status') ~= 'queued' then return false end
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'status', 'running',
  'started_ms', now[1] * 1000 + math.floor(now[2] / 1000))
local token = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
return {redis.call('HGET', KEYS[1], 'job'), token}
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job to run, and the token that finishing it takes."""

    job: Job
    token: int


class Claim:
    """The claim script, bound to one Redis client (decoding answers to text)."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis`."""
        self._script = redis.register_script(_SCRIPT)

    def __call__(self, job_id: str) -> Claimed | None:
        """Take the job, or return None where there is nothing left to do for it."""
        answer = self._script(keys=[keys.job(job_id)])
        if answer is None:
            return None
        payload, token = answer
        return Claimed(Job.from_wire(json.loads(payload)), int(token))
