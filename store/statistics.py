"""How the queue stands, in numbers."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from redis import Redis

from store import keys
from store.queue_class import QUEUE_CLASSES, QueueClass
from store.script import BUCKETS_MS, script

# Returns {jobs running, {counter, value…}, jobs waiting by lane…}
_SCRIPT: Final = f"""
local found = {{redis.call('ZCARD', '{keys.RUNNING}'), redis.call('HGETALL', '{keys.COUNTERS}')}}
for _, lane in ipairs(QUEUE_CLASSES) do
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
    `requeued` (by the loss of a worker), `released` (by its stop), `finished:succeeded`,
    `finished:cancelled` and `finished:failed:<error type>`, and of the jobs whose outcome a worker wrote
    `sandbox:<kind>`, and how long they `waited` and `ran`: see `durations`.
    """

    queued: dict[QueueClass, int]
    running: int
    counters: dict[str, int]

    @property
    def waiting(self) -> int:
        """Jobs waiting in all lanes."""
        return sum(self.queued.values())

    def durations(self, what: str) -> "Durations":
        """Return how long the jobs `waited` or `ran`."""
        bounds: list[int | str] = [*BUCKETS_MS, "inf"]
        at_most = accumulate(self.counters.get(f"{what}:{bound}", 0) for bound in bounds)
        return Durations(list(zip(bounds, at_most, strict=True)), self.counters.get(f"{what}:sum", 0))


@dataclass(frozen=True, slots=True)
class Durations:
    """How often something took at most each bound, in milliseconds or `inf`, and all of it together."""

    at_most: list[tuple[int | str, int]]
    sum_ms: int


class Statistics:
    """The statistics script, bound to one Redis client."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis` (decoding answers to text)."""
        self._script = script(redis, _SCRIPT)

    def __call__(self) -> Standing:
        """Return how the queue stands."""
        running, flat, *depths = self._script()
        counters = {name: int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        return Standing(dict(zip(QUEUE_CLASSES, depths, strict=True)), running, counters)
