"""Reconcile: put right what no worker will: jobs whose worker is gone, or that waited too long."""

from dataclasses import dataclass
from typing import Final

from redis import Redis

from jobs import system_outcomes
from store import keys
from store.script import Change

#: Seconds between two reconciliations of the whole service.
RECONCILE_EVERY: Final = 1.0

#: The most jobs of a kind put right at once, so that no script keeps Redis for long.
_MOST: Final = 1000

# ARGV: milliseconds no other may reconcile for (0: any may), '1' to judge leases, most attempts,
#       most jobs of an owner running (0: any), seconds to live of a job that ends here,
#       seconds a reply list lives, outcome JSON of a job whose worker was lost, of one that expired
# Returns {jobs put back, ended as lost, ended as expired}, or nothing where another has just reconciled.
_SCRIPT: Final = f"""
local lock = ARGV[1]
if lock ~= '0' and not redis.call('SET', '{keys.RECONCILER}', now, 'NX', 'PX', lock) then return false end
local cap, ttl, reply_ttl = tonumber(ARGV[4]), ARGV[5], ARGV[6]
local back, lost, expired = 0, 0, 0
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, {_MOST}) end

if ARGV[2] == '1' then
  for _, id in ipairs(due('{keys.RUNNING}')) do
    local held = redis.call('HMGET', job_key(id), 'status', 'owner', 'lane', 'deadline_ms', 'attempts')
    if held[1] ~= 'running' then
      redis.call('ZREM', '{keys.RUNNING}', id)
    else
      if tonumber(held[5]) < tonumber(ARGV[3]) then
        put_back(id, held[3], held[2], held[4])
        back = back + 1
      else
        stop(id, held[2])
        -- Its worker may be alive after all; a late outcome must not pass for this one, sent again.
        redis.call('HINCRBY', job_key(id), 'token', 1)
        conclude(id, held[2], 'failed', ARGV[7], 'sandbox_failure', ttl, reply_ttl)
        lost = lost + 1
      end
    end
  end
end

for _, id in ipairs(due('{keys.QUEUED}')) do
  local held = redis.call('HMGET', job_key(id), 'status', 'owner', 'lane')
  if held[1] ~= 'queued' then
    redis.call('ZREM', '{keys.QUEUED}', id)
  else
    remove(id, held[3], held[2])
    conclude(id, held[2], 'failed', ARGV[8], 'expired', ttl, reply_ttl)
    expired = expired + 1
  end
end

-- Jobs whose record has expired leave their owner's list.
for _, member in ipairs(due('{keys.KEPT}')) do
  local id, owner = string.match(member, '^(%S+) (.*)$')
  redis.call('ZREM', owned_key(owner, 'jobs'), id)
  redis.call('ZREM', '{keys.KEPT}', member)
end

-- The cap of those it holds back may have been raised.
for _, lane in ipairs(QUEUE_CLASSES) do
  for _, owner in ipairs(redis.call('SMEMBERS', held_key(lane))) do
    if cap == 0 or redis.call('SCARD', owned_key(owner, 'running')) < cap then
      redis.call('SREM', held_key(lane), owner)
      redis.call('LPUSH', rotation_key(lane), owner)
    end
  end
end

if back > 0 then count('requeued', back) end
return {{back, lost, expired}}
"""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was put right.

    requeued: jobs put back, their worker gone. lost: those that ended because it was so too often.
    expired: jobs that ended because they waited too long.
    """

    requeued: int
    lost: int
    expired: int


class Reconcile:
    """The reconcile script, bound to one Redis client."""

    def __init__(
        self,
        redis: "Redis",
        *,
        ttl: int,
        hint: str,
        running_max: int = 0,
        attempts: int = system_outcomes.ATTEMPTS,
        every: float = RECONCILE_EVERY,
    ) -> None:
        """Bind to `redis` (decoding answers to text).

        ttl: seconds a job that ends here can be looked up. hint: see records.script.Change.
        running_max: the most jobs of an owner that run at once, 0 for any number.
        attempts: how often a job is tried.
        every: seconds for which nobody else then reconciles, 0 for none.
        """
        self._change = Change(redis, _SCRIPT, hint=hint)
        # A little less than a period, or a timer that is early by a moment would skip one.
        self._lock = round(every * 900)
        self._args: list[str | int] = [
            attempts,
            running_max,
            ttl,
            keys.REPLY_TTL,
            system_outcomes.text(system_outcomes.LOST),
            system_outcomes.text(system_outcomes.EXPIRED),
        ]

    def __call__(self, *, leases: bool = True) -> Reconciled | None:
        """Put everything right; return None where another has just done so.

        leases: False spares the jobs whose lease has lapsed, after an outage that let no worker renew it.
        """
        answer = self._change(args=[self._lock, int(leases), *self._args])
        return Reconciled(*answer) if answer else None
