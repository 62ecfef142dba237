"""Release: hand a job back that this worker will not run to its end."""

from typing import Final

from redis import Redis

from store.script import Change

# ARGV: id, token
# Returns 1, or 0 where the token is not the one of the latest claim. The attempt does not count: nothing
# went wrong.
_SCRIPT: Final = """
local id = ARGV[1]
local held = redis.call('HMGET', job_key(id), 'status', 'token', 'owner', 'lane', 'deadline_ms')
if held[1] ~= 'running' or held[2] ~= ARGV[2] then return 0 end
redis.call('HINCRBY', job_key(id), 'attempts', -1)
put_back(id, held[4], held[3], held[5])
count('released')
return 1
"""


class Release:
    """The release script, bound to one Redis client."""

    def __init__(self, redis: "Redis", *, hint: str) -> None:
        """Bind to `redis` (decoding answers to text). hint: see records.script.Change."""
        self._change = Change(redis, _SCRIPT, hint=hint)

    def __call__(self, job_id: str, token: int) -> bool:
        """Put the job first in its lane again; return False where the claim does not hold any more."""
        return bool(self._change(args=[job_id, token]))
