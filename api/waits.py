"""The requests that wait for a job, or for the check of a script.

Each holds a connection that the server cannot close for another client. So the number of waits is bounded for
each API key, and all waits together leave a quarter of the connections to other requests: look-ups, health
and metrics.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import TooManyWaits


class Waits:
    """The waits of this process. Its greenlets switch only where they block, so the counts need no lock."""

    def __init__(self, *, key_max: int, connections: int) -> None:
        """Start without waits.

        Args:
            key_max: Maximum number of waits of one API key; of all clients if the service has no keys.
            connections: Maximum number of connections of this process.
        """
        self._max = max(1, connections * 3 // 4)
        self._clients_max = key_max
        # With few connections `key_max` may be more than all waits. One key must not take all of them.
        self._key_max = min(key_max, max(1, self._max * 3 // 4))
        self._by_owner: Counter[str] = Counter()

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Count a request as waiting while the context lasts.

        Raises:
            TooManyWaits: The owner has too many waits, or all owners together.
        """
        if self._by_owner[owner] >= (self._key_max if owner else self._clients_max):
            raise TooManyWaits("too many requests of this key wait" if owner else "too many requests wait")
        if self._by_owner.total() >= self._max:
            raise TooManyWaits("too many requests wait")
        self._by_owner[owner] += 1
        try:
            yield
        finally:
            self._by_owner[owner] -= 1
