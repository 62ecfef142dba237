"""The state of the queue in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Self

from store.queue_class import QUEUE_CLASSES, QueueClass

#: The upper bounds of the buckets of durations, in milliseconds. Longer durations count as `inf`.
BUCKETS_MS: Final = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000)


@dataclass(frozen=True, slots=True)
class Durations:
    """A histogram of durations.

    Attributes:
        at_most: For each bound (milliseconds or "inf"), the number of durations up to it.
        sum_ms: The sum of all durations in milliseconds.
    """

    at_most: list[tuple[int | str, int]]
    sum_ms: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The state of the queue at one moment.

    Attributes:
        queued: Jobs queued, by class.
        running: Jobs running.
        counters: Counts of events since the database was empty: `submitted:<mode>:<environment>`, `attempts`
            (claims), `requeued` (the worker was lost), `released` (the worker stopped), `notifications`,
            `files` and `artifacts`, `file_bytes` and `artifact_bytes` (of their contents),
            `finished:succeeded`, `finished:cancelled` and `finished:failed:<error type>`. Jobs whose outcome
            a worker wrote also count in `sandbox:<kind>` and in the buckets of `durations`.
    """

    queued: dict[QueueClass, int]
    running: int
    counters: dict[str, int]

    @classmethod
    def from_answer(cls, answer: Sequence[Any]) -> Self:
        """Make statistics from the answer of statistics.lua."""
        running, flat, *queued = answer
        counters = {name: int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        return cls(dict(zip(QUEUE_CLASSES, queued, strict=True)), running, counters)

    def durations(self, what: str) -> Durations:
        """Return how long jobs `waited` in the queue, or how long they `ran`."""
        bounds: list[int | str] = [*BUCKETS_MS, "inf"]
        at_most = accumulate(self.counters.get(f"{what}:{bound}", 0) for bound in bounds)
        return Durations(list(zip(bounds, at_most, strict=True)), self.counters.get(f"{what}:sum", 0))
