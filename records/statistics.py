"""How the queue stands, in numbers."""

from dataclasses import dataclass
from typing import Final

from redis import Redis

from records import keys
from records.lane import LANES, Lane
from records.script import script

# Returns {jobs running, {counter, value…}, jobs waiting by lane…}
_SCRIPT: Final = f"""
local found = {{redis.call('ZCARD', '{keys.RUNNING}'), redis.call('HGETALL', '{keys.COUNTERS}')}}
for _, lane in ipairs(LANES) do
  local waiting = 0
  for _, owner in ipairs(redis.call('LRANGE', rotation_key(lane), 0, -1)) do
    waiting = waiting + redis.call('LLEN', waiting_key(lane, owner))
  end
  for _, owner in ipairs(redis.call('SMEMBERS', held_key(lane))) do
    waiting = waiting + redis.call('LLEN', waiting_key(lane, owner))
  end
  found[#found + 1] = waiting
end
return found
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The queue at one moment.

    queued: jobs waiting by lane. running: jobs running.
    counters: how often each thing has happened since Redis was empty: `submitted`, `attempts` (claims),
    `requeued` (by the loss of a worker), `released` (by its stop), and `finished:succeeded`,
    `finished:cancelled` and `finished:failed:<error type>`.
    """

    queued: dict[Lane, int]
    running: int
    counters: dict[str, int]

    @property
    def waiting(self) -> int:
        """Jobs waiting in all lanes."""
        return sum(self.queued.values())


class Statistics:
    """The statistics script, bound to one Redis client."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis` (decoding answers to text)."""
        self._script = script(redis, _SCRIPT)

    def __call__(self) -> Standing:
        """Return how the queue stands."""
        running, flat, *depths = self._script()
        counters = {name: int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        return Standing(dict(zip(LANES, depths, strict=True)), running, counters)
