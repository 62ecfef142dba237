"""Finish: write a job's outcome, wake whoever waits for it, and claim the next job."""

from dataclasses import dataclass
from typing import Final

from redis import Redis

from jobs import system_outcomes
from jobs.outcome import Outcome
from jobs.status import Status
from store import claim, keys
from store.claim import Claim, Claimed
from store.script import Change

# ARGV: id, token, status, outcome JSON, error type ('' without one), seconds to live,
#       seconds a reply list lives, the sandbox the job had ('' without one), 1 to claim the next job or 0,
#       what `claim` takes
# Returns {1 or 0: whether the outcome counts, 1 or 0: whether jobs wait that may run, what `claim` returns…}
_SCRIPT: Final = f"""
{claim.LUA}
local id = ARGV[1]
local held = redis.call('HMGET', job_key(id), 'status', 'token', 'owner', 'created_ms', 'started_ms')
local counts = 0
if held[2] == ARGV[2] then
  if held[1] == 'running' then
    stop(id, held[3])
    conclude(id, held[3], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
    observe('waited', held[5] - held[4])
    observe('ran', now - held[5])
    if ARGV[8] ~= '' then count('sandbox:' .. ARGV[8]) end
    counts = 1
  elseif held[1] == ARGV[3] then
    -- Asked again, because the answer to the first time was lost.
    counts = 1
  end
end
local claimed = ARGV[9] == '1' and claim(unpack(ARGV, 10))
return {{counts, may_run() and 1 or 0, unpack(claimed or {{}})}}
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """counts: whether the outcome was wanted. more: whether jobs wait that may run. claimed: the next job."""

    counts: bool
    more: bool
    claimed: Claimed | None


class Finish:
    """The finish script, bound to one Redis client."""

    def __init__(self, redis: "Redis", next_job: Claim, *, ttl: int, hint: str) -> None:
        """Bind to `redis` (decoding answers to text).

        next_job: how the next job is claimed. ttl: seconds a finished job can be looked up.
        hint: see records.script.Change.
        """
        self._bounded, self._always = (
            Change(redis, _SCRIPT, hint=hint, when_full=full) for full in (False, True)
        )
        self._next_job, self._ttl = next_job, ttl

    def __call__(
        self, job_id: str, token: int, outcome: Outcome, *, go_on: bool = False, when_full: bool = False
    ) -> Finished:
        """Write `outcome`, if `token` is the one of the latest claim. It can be asked again after an outage.

        go_on: whether to claim the next job; if the answer is lost, that claim lapses.
        when_full: whether to write while Redis holds as much as it may; for a small outcome.
        """
        error = outcome.error
        counts, more, *claimed = (self._always if when_full else self._bounded)(
            args=[
                job_id,
                token,
                Status.FAILED if error else Status.SUCCEEDED,
                system_outcomes.text(outcome),
                error.type if error else "",
                self._ttl,
                keys.REPLY_TTL,
                outcome.sandbox or "",
                int(go_on),
                *self._next_job.args,
            ]
        )
        return Finished(bool(counts), bool(more), self._next_job.read(claimed))
