"""The history of the queue: one snapshot of its numbers in each minute of the last hour.

The store counts events in any case, and these counts only grow. The worker that reconciles adds a snapshot
of them to a list in Redis at the beginning of each minute. So the history costs a job nothing.
store/series.py makes rates and times out of the differences between snapshots.

With every counter in use, an entry has 1,432 bytes, and the list with 61 entries has 88,352 (measured). If no
worker reconciles, the history has a gap. A worker of version 0.2.0 that reconciles adds nothing, so there are
gaps during an upgrade too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from store.queue_class import QUEUE_CLASSES, QueueClass
from store.scripts import Scripts

#: Milliseconds between two snapshots.
SNAPSHOT_EVERY_MS: Final = 60_000

#: The most snapshots that Redis keeps: sixty minutes have 61 bounds.
SNAPSHOTS_MAX: Final = 61

#: Seconds after which Redis deletes the history if no snapshot is added. By then none is of the last hour.
_TTL: Final = 2 * 3600


# Equality by identity makes it a key of caches at no cost. `decode_snapshot` returns the same one for a text.
@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The numbers of the queue at one moment.

    Attributes:
        at_ms: When it was taken, in milliseconds since the epoch, by the clock of Redis.
        queued: Jobs queued, by class.
        running: Jobs running.
        counters: Counts of events: `submitted`, and the counters `finished:…`, `waited:…` and `ran:…` of
            `Statistics`. Those that are 0 are missing.
    """

    at_ms: int
    queued: Mapping[QueueClass, int]
    running: int
    counters: Mapping[str, int]


# The same sixty snapshots are read again and again.
@lru_cache(maxsize=2 * SNAPSHOTS_MAX)
def decode_snapshot(text: str) -> Snapshot:
    """Return a snapshot from its stored form."""
    at_ms, _, stored = text.partition(" ")
    fields = json.loads(stored)
    queued = dict(zip(QUEUE_CLASSES, fields["queued"], strict=True))
    return Snapshot(int(at_ms), queued, fields["running"], fields["counters"])


class History:
    """The history in one Redis."""

    def __init__(self, scripts: Scripts) -> None:
        """Make the scripts; nothing is sent yet."""
        self._take_snapshot = scripts.make("take_snapshot")
        self._history = scripts.make("history")

    def take_snapshot(self) -> bool:
        """Add a snapshot, unless the history has one of this minute. Return whether one was added."""
        return bool(self._take_snapshot(every_ms=SNAPSHOT_EVERY_MS, most=SNAPSHOTS_MAX, seconds=_TTL))

    def history(self) -> Sequence[Snapshot]:
        """Return a snapshot of this moment, then the stored snapshots, the latest first."""
        return [decode_snapshot(text) for text in self._history()]
