"""Which workers are consuming: each says so every few seconds."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from redis import Redis

from store import keys

#: Seconds between two signs of life, and seconds after which a silent worker counts as gone.
BEAT_EVERY = 2.0
GONE_AFTER = 10.0

# KEYS: workers (a sorted set: worker JSON by the time it counts as gone); ARGV: worker, seconds
_BEAT = """
local now = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now[1] - 1)
redis.call('ZADD', KEYS[1], now[1] + ARGV[2], ARGV[1])
"""

# KEYS: workers. Returns those not gone.
_PRESENT = """
return redis.call('ZRANGEBYSCORE', KEYS[1], redis.call('TIME')[1], '+inf')
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that passed its self-test and consumes. detail: what isolation its jobs have."""

    id: str
    sandbox: str
    detail: str

    def to_json(self) -> str:
        """Return the worker as JSON text, the same for the same worker."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Make a worker of what `to_json` returned."""
        return cls(**json.loads(text))


class Workers:
    """The workers present, in one Redis (its client decoding answers to text)."""

    def __init__(self, redis: "Redis") -> None:
        """Bind to `redis`."""
        self._redis = redis
        self._beat = redis.register_script(_BEAT)
        self._present = redis.register_script(_PRESENT)

    def beat(self, worker: Worker) -> None:
        """Say that `worker` is consuming."""
        self._beat(keys=[keys.WORKERS], args=[worker.to_json(), int(GONE_AFTER)])

    def leave(self, worker: Worker) -> None:
        """Say that `worker` no longer is."""
        self._redis.zrem(keys.WORKERS, worker.to_json())

    def present(self) -> list[Worker]:
        """Return the workers that are consuming."""
        return [Worker.from_json(text) for text in self._present(keys=[keys.WORKERS])]
