"""Submit: make the records of some jobs and queue them, all or none."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis

from jobs.job import Job
from store import keys, room
from store.admission import Admission
from store.errors import IdempotencyConflict
from store.queue_class import QueueClass
from store.script import Change

#: The most jobs of one submission.
MOST: Final = 100

#: How long an idempotency key is remembered, in seconds.
IDEMPOTENCY_TTL: Final = 24 * 3600

# KEYS: idempotency key ('' without one)
# ARGV: owner, reply list ('' without a waiter), digest of the submission ('' without a key), seconds the
#       idempotency key lives, seconds a wish to be woken lives, milliseconds a job may wait, most jobs
#       waiting, most of this owner, jobs of this owner in a second (0: any), then for each job: id, lane, job
#       JSON, limits JSON
# Returns {'created' | 'existing' | 'conflict', id…}, {'rate', seconds as text} or {'full', 'key' | 'service'}
_SCRIPT: Final = f"""
{room.LUA}
local owner, reply, jobs = ARGV[1], ARGV[2], (#ARGV - 9) / 4

if KEYS[1] ~= '' then
  local known = redis.call('HMGET', KEYS[1], 'ids', 'digest')
  local ids = known[1] and cjson.decode(known[1]) or {{}}
  -- A key outlives its jobs; then it is free again.
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', job_key(id)) == 1 then
      return {{known[2] == ARGV[3] and 'existing' or 'conflict', unpack(ids)}}
    end
  end
end

local rate = tonumber(ARGV[9])
local no = no_room(owner, jobs, tonumber(ARGV[7]), tonumber(ARGV[8]), rate)
if no then return no end
if owner ~= '' and rate > 0 then take_from_bucket(owner, jobs, rate) end

local ids = {{}}
for i = 10, #ARGV, 4 do
  local id, lane = ARGV[i], ARGV[i + 1]
  ids[#ids + 1] = id
  redis.call('HSET', job_key(id), 'status', 'queued', 'job', ARGV[i + 2], 'limits', ARGV[i + 3],
    'owner', owner, 'lane', lane, 'created_ms', now, 'deadline_ms', now + ARGV[6], 'attempts', 0, 'token', 0)
  append(id, lane, owner, now + ARGV[6])
  redis.call('ZADD', owned_key(owner, 'jobs'), redis.call('INCR', '{keys.SEQUENCE}'), id)
  if reply ~= '' then
    redis.call('SADD', '{keys.WAITERS}' .. id, reply)
    redis.call('EXPIRE', '{keys.WAITERS}' .. id, ARGV[5])
  end
end
if KEYS[1] ~= '' then
  redis.call('HSET', KEYS[1], 'ids', cjson.encode(ids), 'digest', ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
end
count('submitted', jobs)
return {{'created', unpack(ids)}}
"""


@dataclass(frozen=True, slots=True)
class Submission:
    """A job to queue, the id it is to have, and the lane it waits in."""

    id: str
    job: Job
    lane: QueueClass


@dataclass(frozen=True, slots=True)
class Submitted:
    """The id of a job; created is False where the idempotency key named an earlier one."""

    id: str
    created: bool


class Submit:
    """The submit script, bound to one Redis client."""

    def __init__(self, redis: "Redis", admission: Admission, *, hint: str) -> None:
        """Bind to `redis` (decoding answers to text). hint: see records.script.Change."""
        self._change = Change(redis, _SCRIPT, hint=hint, when_full=False)
        self._admission = admission

    def __call__(
        self,
        submissions: Sequence[Submission],
        *,
        owner: str = "",
        reply: str = "",
        idempotency_key: str = "",
        client: Any = None,
    ) -> list[Submitted]:
        """Make and queue the records of 1 to MOST jobs, in order, all or none.

        owner: whose jobs they are; the bounds of one owner hold for every one but the empty one.
        reply: the list to push a wake-up to when each job is final.
        idempotency_key: the same key and submissions of an owner make the same jobs for a day.
        client: what the script is run by, if not by the client it is bound to.
        Raises IdempotencyConflict, RateLimited, QueueFull, and redis.RedisError.
        """
        assert 1 <= len(submissions) <= MOST
        bounds = self._admission
        known, digest = "", ""
        if idempotency_key:
            known = keys.idempotency(owner, _digest(idempotency_key))
            digest = _digest([[one.job.to_wire(), one.lane.name] for one in submissions])
        what, *found = self._change(
            keys=[known],
            args=[
                owner,
                reply,
                digest,
                IDEMPOTENCY_TTL,
                keys.WAITERS_TTL,
                bounds.queue_ttl * 1000,
                bounds.queue_max,
                bounds.key_queued_max,
                bounds.key_rate,
                *(text for one in submissions for text in _told(one)),
            ],
            client=client,
        )
        if what == "conflict":
            raise IdempotencyConflict(found[0])
        if what not in ("created", "existing"):
            room.refuse(what, found[0])
        return [Submitted(job_id, created=what == "created") for job_id in found]


def _told(one: Submission) -> tuple[str, str, str, str]:
    return one.id, one.lane.name, json.dumps(one.job.to_wire()), json.dumps(one.job.limits.to_wire())


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
