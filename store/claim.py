"""Claim: take the job whose turn it is, so that exactly one worker's outcome will count.

The most urgent priority goes first; in it, interactive jobs, though after three of them one of the others;
in a lane, each owner in turn; of an owner, the oldest.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis
from redis.client import Pipeline

from jobs import system_outcomes
from jobs.job import Job
from store import keys
from store.queue_class import Priority
from store.script import Change

#: Seconds a claim lasts if it is not renewed.
LEASE: Final = 3.0

#: How many interactive jobs may go before another of their priority that waits.
_IN_A_ROW: Final = 3

#: The most jobs that one claim finds to be over, and drops, before it gives up.
_DROPPED: Final = 1000

#: The steps that claiming a job at first, and behind another, share.
LUA: Final = f"""
local dropped = 0

-- Return the id of a lane's next job, and its owner. expired: what becomes of one that waited too long.
local function next_of(lane, cap, expired)
  while dropped < {_DROPPED} do
    local owner = redis.call('LPOP', rotation_key(lane))
    if not owner then return nil end
    if cap > 0 and owner ~= '' and redis.call('SCARD', owned_key(owner, 'running')) >= cap then
      -- Out of the rotation until one of its jobs ends, so that no claim looks at it in vain again.
      redis.call('SADD', held_key(lane), owner)
    else
      local id = redis.call('LPOP', waiting_key(lane, owner))
      local more = redis.call('EXISTS', waiting_key(lane, owner)) == 1
      local fresh = false
      if id then
        redis.call('ZREM', '{keys.QUEUED}', id)
        redis.call('SREM', owned_key(owner, 'queued'), id)
        local held = redis.call('HMGET', job_key(id), 'status', 'deadline_ms')
        if held[1] == 'queued' then
          fresh = tonumber(held[2]) > now
          if not fresh then conclude(id, owner, 'failed', expired[1], 'expired', expired[2], expired[3]) end
        end
      end
      -- An owner has had its turn only when a job of its own was taken.
      if more then redis.call(fresh and 'RPUSH' or 'LPUSH', rotation_key(lane), owner) end
      if fresh then return id, owner end
      dropped = dropped + 1
    end
  end
end

local function next_job(cap, expired)
  for _, priority in ipairs({{{", ".join(f"'{priority}'" for priority in Priority)}}}) do
    local passed = tonumber(redis.call('HGET', '{keys.TURNS}', priority) or 0)
    local first, second = priority .. ':execute', priority .. ':jobs'
    if passed >= {_IN_A_ROW} then first, second = second, first end
    local lane, id, owner = first, next_of(first, cap, expired)
    if not id then
      lane, id, owner = second, next_of(second, cap, expired)
    end
    if id then
      if lane == priority .. ':jobs' then
        redis.call('HDEL', '{keys.TURNS}', priority)
      elseif redis.call('EXISTS', rotation_key(priority .. ':jobs')) == 1 then
        redis.call('HINCRBY', '{keys.TURNS}', priority, 1)
      end
      return id, owner
    end
  end
end

-- Claim the next job; return {{id, job JSON, token, attempt, created_ms, started_ms}}, false without one.
-- cap: most jobs of an owner running (0: any). lease: in milliseconds. outcome, ttl, reply_ttl: of a job that
-- expired, its outcome JSON and the seconds it and a reply list live.
local function claim(cap, lease, outcome, ttl, reply_ttl)
  local id, owner = next_job(tonumber(cap), {{outcome, ttl, reply_ttl}})
  if not id then return false end
  redis.call('HSET', job_key(id), 'status', 'running', 'started_ms', now)
  redis.call('ZADD', '{keys.RUNNING}', now + lease, id)
  redis.call('SADD', owned_key(owner, 'running'), id)
  count('attempts')
  local token = redis.call('HINCRBY', job_key(id), 'token', 1)
  local attempt = redis.call('HINCRBY', job_key(id), 'attempts', 1)
  local told = redis.call('HMGET', job_key(id), 'job', 'created_ms', 'started_ms')
  return {{id, told[1], token, attempt, told[2], told[3]}}
end
"""

# ARGV, and what is returned: see `claim`
_SCRIPT: Final = f"""
{LUA}
return claim(unpack(ARGV))
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job to run.

    token: what renewing, finishing or releasing it takes.
    attempt: how often it was claimed, this time included.
    created_ms, started_ms: when it was submitted and claimed, by the clock of Redis.
    """

    id: str
    job: Job
    token: int
    attempt: int
    created_ms: int
    started_ms: int


class Claim:
    """The claim script, bound to one Redis client."""

    def __init__(
        self, redis: "Redis", *, ttl: int, hint: str, running_max: int = 0, lease: float = LEASE
    ) -> None:
        """Bind to `redis` (decoding answers to text).

        ttl: seconds a job that expired can be looked up. hint: see records.script.Change.
        running_max: the most jobs of an owner that run at once, 0 for any number.
        lease: seconds the claim lasts.
        """
        self._change = Change(redis, _SCRIPT, hint=hint)
        #: What the script is told, the same each time.
        self.args: Final[list[str | int]] = [
            running_max,
            round(lease * 1000),
            system_outcomes.text(system_outcomes.EXPIRED),
            ttl,
            keys.REPLY_TTL,
        ]

    def __call__(self) -> Claimed | None:
        """Take the next job, or return None where there is none that may run."""
        return self.read(self._change(args=self.args))

    def queue(self, pipeline: Pipeline) -> None:
        """Have `pipeline` claim; `read` understands its answer. See Change.queue."""
        self._change.queue(pipeline, args=self.args)

    @staticmethod
    def read(answer: list[Any] | None) -> Claimed | None:
        """Return what the script's answer says was claimed."""
        if not answer:
            return None
        job_id, payload, *numbers = answer
        return Claimed(job_id, Job.from_wire(json.loads(payload)), *map(int, numbers))
