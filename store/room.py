"""Whether there is room for more jobs: asked before a script is checked, and decided when it is submitted."""

from typing import Final, NoReturn

from redis import Redis

from store import keys
from store.admission import Admission
from store.errors import QueueFull, RateLimited
from store.script import script

#: Seconds after which it is worth trying again where the queue is full.
_RETRY_FULL: Final = 5.0

#: The steps that asking and submitting share.
LUA: Final = f"""
-- How much of a second's jobs an owner has left, in a bucket that fills up all the time.
local function left_in_bucket(owner, rate)
  local size = math.max(1, rate)
  local was = redis.call('HMGET', owned_key(owner, 'rate'), 'left', 'at')
  return was[1] and math.min(size, was[1] + (now - was[2]) * rate / 1000) or size
end

-- Take jobs from the bucket. More than there are empty it below nothing, so that a larger submission is let
-- in whole, and those after it wait for as long as it took.
local function take_from_bucket(owner, jobs, rate)
  local left = left_in_bucket(owner, rate) - jobs
  redis.call('HSET', owned_key(owner, 'rate'), 'left', tostring(left), 'at', now)
  redis.call('PEXPIRE', owned_key(owner, 'rate'), math.ceil((math.max(1, rate) - left) / rate * 1000))
end

-- Say why jobs of an owner are not let in, as {{'full', 'key' | 'service'}} or {{'rate', seconds as text}}.
local function no_room(owner, jobs, most, most_of_owner, rate)
  if redis.call('ZCARD', '{keys.QUEUED}') + jobs > most then return {{'full', 'service'}} end
  if owner == '' then return nil end
  if redis.call('SCARD', owned_key(owner, 'queued')) + jobs > most_of_owner then return {{'full', 'key'}} end
  local left = rate > 0 and left_in_bucket(owner, rate) or 1
  if left < 1 then return {{'rate', tostring((1 - left) / rate)}} end
end
"""

# ARGV: owner, jobs, most jobs waiting, most of this owner, jobs of this owner in a second (0: any)
# Returns what no_room does.
_SCRIPT: Final = f"""
{LUA}
return no_room(ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]))
"""


class Room:
    """The question for room, bound to one Redis client."""

    def __init__(self, redis: "Redis", admission: Admission) -> None:
        """Bind to `redis` (decoding answers to text)."""
        self._script = script(redis, _SCRIPT)
        self._admission = admission

    def __call__(self, jobs: int, *, owner: str = "") -> None:
        """Return if so many jobs would be let in now; raise RateLimited or QueueFull."""
        bounds = self._admission
        no = self._script(args=[owner, jobs, bounds.queue_max, bounds.key_queued_max, bounds.key_rate])
        if no is not None:
            refuse(*no)


def refuse(what: str, more: str) -> NoReturn:
    """Raise for an answer of no_room."""
    if what == "rate":
        raise RateLimited(float(more))
    raise QueueFull(_RETRY_FULL, "key" if more == "key" else "service")
