"""A few places that are shared out to keys."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: Seconds for which a caller may wait for its turn.
_WAIT_SECONDS: Final = 60.0


class LineFull(Exception):
    """Too many callers of this key already wait."""


class NoTurn(Exception):
    """No place was free for a long time."""


class Turns:
    """Places that callers hold, each for a key.

    A key holds one place at a time. If places are short, the keys that wait take turns, so a key waits for at
    most one caller of each other key. Any number of threads or greenlets may use it.
    """

    def __init__(
        self, places: int, waiting_max: float = math.inf, wait_seconds: float = _WAIT_SECONDS
    ) -> None:
        """Make free places.

        Args:
            places: How many.
            waiting_max: How many callers of one key may wait.
            wait_seconds: Seconds for which a caller may wait.
        """
        self._free = places
        self._waiting_max = waiting_max
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._holding: set[str] = set()
        # The callers that wait by key. The first key has the next turn.
        self._lines: dict[str, deque[threading.Event]] = {}

    @contextmanager
    def take(self, key: str) -> Iterator[None]:
        """Hold a place; first wait for the turn of `key`.

        Raises:
            LineFull: Too many callers of this key already wait.
            NoTurn: No place was free for a long time.
        """
        granted = self._enter(key)
        try:
            if not granted.wait(self._wait_seconds):
                raise NoTurn
            yield
        finally:
            self._leave(key, granted)

    def _enter(self, key: str) -> threading.Event:
        granted = threading.Event()
        with self._lock:
            line = self._lines.setdefault(key, deque())
            if len(line) >= self._waiting_max:
                raise LineFull
            line.append(granted)
            self._grant()
        return granted

    def _leave(self, key: str, granted: threading.Event) -> None:
        with self._lock:
            if granted.is_set():
                self._free += 1
                self._holding.remove(key)
            else:
                self._lines[key].remove(granted)
            # The key has had its turn.
            line = self._lines.pop(key, None)
            if line:
                self._lines[key] = line
            self._grant()

    def _grant(self) -> None:
        """Give the free places to the keys whose turn it is."""
        for key in [key for key in self._lines if key not in self._holding][: self._free]:
            self._lines[key].popleft().set()
            if not self._lines[key]:
                del self._lines[key]
            self._holding.add(key)
            self._free -= 1


class RestingTurns:
    """Turns after which their key rests, in proportion to the CPU time that the last one took.

    So a key takes a bounded share of the process, however many callers it has.
    """

    def __init__(self, turns: Turns, *, rest: float, longest: float) -> None:
        """Start without rests.

        Args:
            turns: The places.
            rest: Seconds of rest for each CPU second.
            longest: The longest rest.
        """
        self._turns, self._rest, self._longest = turns, rest, longest
        # When the rest of each key ends. It holds names of API keys, so its size is bounded.
        self._rests: dict[str, float] = {}

    @contextmanager
    def take(self, key: str) -> Iterator[None]:
        """Hold a place; first wait for the turn of `key` and for the end of its rest.

        Raises:
            LineFull: Too many callers of this key already wait.
            NoTurn: No place was free for a long time.
        """
        with self._turns.take(key):
            rest = self._rests.get(key, 0.0) - time.monotonic()
            if rest > 0:
                time.sleep(rest)
            began = time.thread_time()
            try:
                yield
            finally:
                # Under gevent this includes the CPU time of requests that were served meanwhile.
                seconds = min(self._rest * (time.thread_time() - began), self._longest)
                self._rests[key] = time.monotonic() + seconds
