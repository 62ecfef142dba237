"""Rates and times of the last hour, from snapshots of counters. Pure.

A counter that is smaller than before means that the database was emptied or restored in between. The two
snapshots then have no difference, and nothing is known of the time between them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from store.history import SNAPSHOT_EVERY_MS, SNAPSHOTS_MAX, Snapshot
from store.statistics import BUCKETS_MS

#: How far back the series go. The oldest interval may begin up to a minute earlier.
HOUR_MS: Final = 3_600_000

#: The longest interval that is shown as one. During a longer one no worker reconciled: it is a gap.
LONGEST_MS: Final = 150_000

#: The shortest interval that is shown. In a shorter one, one job would look like many in a second.
SHORTEST_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of the jobs of an interval, in milliseconds; None if there were no such jobs."""

    mean: float | None
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """What happened between two snapshots.

    Attributes:
        start_ms: When it began, in milliseconds since the epoch.
        end_ms: When it ended.
        submitted: Jobs accepted in a second.
        finished: Jobs that became final in a second, failed ones included.
        failed: Jobs that failed in a second.
        waits: How long the jobs that ended had waited in the queue.
        runs: How long they ran.
        queued: Jobs queued at its end.
        running: Jobs running at its end.
    """

    start_ms: int
    end_ms: int
    submitted: float
    finished: float
    failed: float
    waits: Times
    runs: Times
    queued: int
    running: int


def intervals(snapshots: Sequence[Snapshot]) -> list[Interval]:
    """Return the intervals of the last hour, the oldest first.

    Args:
        snapshots: The snapshots, the latest first. The hour ends with the first.
    """
    found = [
        _interval(earlier, later)
        for earlier, later in _pairs(snapshots)
        if SHORTEST_MS <= later.at_ms - earlier.at_ms <= LONGEST_MS
    ]
    return found[::-1]


def totals(snapshots: Sequence[Snapshot]) -> Mapping[str, int]:
    """Return how often each counter was counted in the last hour, gaps within the hour included."""
    total: Counter[str] = Counter()
    for earlier, later in _pairs(snapshots):
        total.update(_difference(earlier, later))
    return total


def _pairs(snapshots: Sequence[Snapshot]) -> Iterator[tuple[Snapshot, Snapshot]]:
    """Yield each two neighbouring snapshots of the last hour that have a difference."""
    since = snapshots[0].at_ms - HOUR_MS - SNAPSHOT_EVERY_MS if snapshots else 0
    for later, earlier in pairwise(snapshots):
        # The clock of Redis may have been put back.
        in_order = since <= earlier.at_ms < later.at_ms <= snapshots[0].at_ms
        if in_order and min(_difference(earlier, later).values(), default=0) >= 0:
            yield earlier, later


# The same sixty intervals are asked for again and again, and take 10 ms to compute (measured).
@lru_cache(maxsize=2 * SNAPSHOTS_MAX)
def _difference(earlier: Snapshot, later: Snapshot) -> Mapping[str, int]:
    names = later.counters.keys() | earlier.counters.keys()
    changes = {name: later.counters.get(name, 0) - earlier.counters.get(name, 0) for name in names}
    return {name: change for name, change in changes.items() if change}


@lru_cache(maxsize=2 * SNAPSHOTS_MAX)
def _interval(earlier: Snapshot, later: Snapshot) -> Interval:
    seconds = (later.at_ms - earlier.at_ms) / 1000
    counts = _difference(earlier, later)

    def rate(prefix: str) -> float:
        return sum(number for name, number in counts.items() if name.startswith(prefix)) / seconds

    return Interval(
        start_ms=earlier.at_ms,
        end_ms=later.at_ms,
        submitted=rate("submitted"),
        finished=rate("finished:"),
        failed=rate("finished:failed"),
        waits=_times(counts, "waited"),
        runs=_times(counts, "ran"),
        queued=sum(later.queued.values()),
        running=later.running,
    )


def _times(counts: Mapping[str, int], what: str) -> Times:
    buckets = [counts.get(f"{what}:{bound}", 0) for bound in (*BUCKETS_MS, "inf")]
    jobs = sum(buckets)
    mean = counts.get(f"{what}:sum", 0) / jobs if jobs else None
    return Times(mean, quantile(0.5, buckets), quantile(0.95, buckets))


def quantile(q: float, buckets: Sequence[int]) -> float | None:
    """Return a quantile of durations in milliseconds, None if there are none.

    It interpolates linearly inside of a bucket, as `histogram_quantile` of Prometheus does. In the last
    bucket, which has no upper bound, it is the lower bound.

    Args:
        q: Between 0 and 1.
        buckets: The number of durations in each bucket of BUCKETS_MS, and in the last one above them.
    """
    rank, below, lower = q * sum(buckets), 0, 0
    if not sum(buckets):
        return None
    for upper, jobs in zip(BUCKETS_MS, buckets, strict=False):
        if jobs and below + jobs >= rank:
            return lower + (upper - lower) * (rank - below) / jobs
        below, lower = below + jobs, upper
    return float(lower)
