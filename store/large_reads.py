"""The turns of large reads: outcomes and pages of several megabytes.

An outcome has up to 6 MB, and while it is decoded it takes several times as much memory. So a process reads
few of them at once, whatever clients ask for. Of one owner it reads one at a time: an owner that wants many
delays its own reads, and those of others by one.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from store.errors import Busy

#: How many large reads of all owners run at once in a process.
_AT_ONCE: Final = 2

#: Seconds that a read waits for its turn.
_WAIT: Final = 10.0


class LargeReads:
    """The turns in this process."""

    def __init__(self, wait: float = _WAIT) -> None:
        """Start without a read.

        Args:
            wait: Seconds that a read waits for its turn.
        """
        self._wait = wait
        self._all = threading.Semaphore(_AT_ONCE)
        # It holds names of API keys, so its size is bounded.
        self._owners: dict[str, threading.Semaphore] = {}

    @contextmanager
    def turn(self, owner: str) -> Iterator[None]:
        """Wait for the owner's turn, and keep it while the context lasts.

        Raises:
            Busy: The turn has not come in time.
        """
        until = time.monotonic() + self._wait
        own = self._owners.setdefault(owner, threading.Semaphore(1))
        with _taken(own, until), _taken(self._all, until):
            yield


@contextmanager
def _taken(semaphore: threading.Semaphore, until: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=max(0.0, until - time.monotonic())):
        raise Busy("too many large outcomes are being read at once")
    try:
        yield
    finally:
        semaphore.release()
