"""Read the records of jobs, and ask for a wake-up when one becomes final."""

from collections.abc import Iterable
from typing import Final

from redis import Redis

from jobs.status import FINAL
from store import keys
from store.record import Record
from store.script import script

# ARGV: id, owner, reply list ('' to read only), seconds a wish to be woken lives, the final statuses
# Returns what is told of it, or nothing where the owner has no such job.
# Reading and registering are one step, so a job that becomes final in between wakes its waiter.
_SCRIPT: Final = f"""
local held = redis.call('HMGET', job_key(ARGV[1]), 'status', 'owner')
if held[2] ~= ARGV[2] then return false end
local register = ARGV[3] ~= ''
for i = 5, #ARGV do
  register = register and held[1] ~= ARGV[i]
end
if register then
  redis.call('SADD', '{keys.WAITERS}' .. ARGV[1], ARGV[3])
  redis.call('EXPIRE', '{keys.WAITERS}' .. ARGV[1], ARGV[4])
end
return told(ARGV[1])
"""


class Watch:
    """The watch script, bound to one Redis client."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis` (decoding answers to text)."""
        self._redis = redis
        self._script = script(redis, _SCRIPT)

    def __call__(self, job_id: str, *, owner: str = "", reply: str = "") -> Record | None:
        """Return the record, None where the owner has no such job.

        reply: the list to push a wake-up to once the job is final, if it is not yet.
        """
        return _record(job_id, self._script(args=self._args(job_id, owner, reply)))

    def many(self, job_ids: Iterable[str], *, owner: str = "") -> list[Record]:
        """Return the records of those of the jobs that the owner has, in the order asked for."""
        ids = list(dict.fromkeys(job_ids))
        with self._redis.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                self._script(args=self._args(job_id, owner, ""), client=pipeline)
            answers = pipeline.execute()
        records = (_record(job_id, told) for job_id, told in zip(ids, answers, strict=True))
        return [record for record in records if record]

    def _args(self, job_id: str, owner: str, reply: str) -> list[str | int]:
        return [job_id, owner, reply, keys.WAITERS_TTL, *FINAL]


def _record(job_id: str, told: list[str | None] | None) -> Record | None:
    return Record.from_told(job_id, told) if told else None
