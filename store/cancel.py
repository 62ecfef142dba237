"""Cancel: end a job that is not wanted any more."""

from typing import Final

from redis import Redis

from jobs.status import Status
from store import keys
from store.errors import AlreadyFinal
from store.record import Record
from store.script import Change

# ARGV: id, owner, seconds to live, seconds a reply list lives, the status of a cancelled job
# Returns {1 or 0: whether it was cancelled now, what is told of it…}, or nothing where the owner has no
# such job.
_SCRIPT: Final = """
local id, owner = ARGV[1], ARGV[2]
local held = redis.call('HMGET', job_key(id), 'status', 'owner', 'lane')
if held[2] ~= owner then return false end
local live = held[1] == 'queued' or held[1] == 'running'
if live then
  if held[1] == 'queued' then remove(id, held[3], owner) else stop(id, owner) end
  -- The worker that runs it learns it when it renews its claim.
  conclude(id, owner, ARGV[5], '', '', ARGV[3], ARGV[4])
end
return {live and 1 or 0, told(id)}
"""


class Cancel:
    """The cancel script, bound to one Redis client."""

    def __init__(self, redis: "Redis", *, ttl: int, hint: str) -> None:
        """Bind to `redis` (decoding answers to text).

        ttl: seconds a cancelled job can be looked up. hint: see records.script.Change.
        """
        self._change = Change(redis, _SCRIPT, hint=hint)
        self._ttl = ttl

    def __call__(self, job_id: str, *, owner: str = "") -> Record | None:
        """Cancel the job and return its record, None where the owner has no such job.

        One that waits will never run; the worker of one that runs kills it. Raises AlreadyFinal.
        """
        answer = self._change(args=[job_id, owner, self._ttl, keys.REPLY_TTL, Status.CANCELLED])
        if answer is None:
            return None
        now, told = answer
        record = Record.from_told(job_id, told)
        if not now:
            raise AlreadyFinal(record)
        return record
