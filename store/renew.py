"""Renew: say that a job is still being run."""

from typing import Final

from redis import Redis

from store import keys
from store.claim import LEASE
from store.script import script

#: Seconds between two renewals.
RENEW_EVERY: Final = 0.5

# ARGV: id, token, milliseconds of the lease
# Returns 1, or 0 where the job was cancelled, or another claim has overtaken this one.
_SCRIPT: Final = f"""
local held = redis.call('HMGET', job_key(ARGV[1]), 'status', 'token')
if held[1] ~= 'running' or held[2] ~= ARGV[2] then return 0 end
redis.call('ZADD', '{keys.RUNNING}', now + ARGV[3], ARGV[1])
return 1
"""


class Renew:
    """The renew script, bound to one Redis client."""

    def __init__(self, redis: "Redis", *, lease: float = LEASE) -> None:
        """Bind to `redis` (decoding answers to text). lease: seconds from each renewal on."""
        self._script = script(redis, _SCRIPT)
        self._lease = round(lease * 1000)

    def __call__(self, job_id: str, token: int) -> bool:
        """Prolong the claim; return False where its outcome is not wanted any more."""
        return bool(self._script(args=[job_id, token, self._lease]))
