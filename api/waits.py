"""The requests that wait for a job, for the check of a script, or for the events of a stream.

Each holds a connection that the server cannot close for another client. So the number of waits and that of
streams are bounded for each API key, and all of them together leave a quarter of the connections to other
requests: look-ups, health and metrics.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from api.errors import TooManyWaits


class Waits:
    """The waits and streams of this process.

    Its greenlets switch only where they block, so the counts need no lock.
    """

    def __init__(self, *, key_max: int, key_streams_max: int, connections: int) -> None:
        """Start without waits.

        Args:
            key_max: Maximum number of waits of one API key; of all clients if the service has no keys.
            key_streams_max: The same for streams.
            connections: Maximum number of connections of this process.
        """
        self._max = max(1, connections * 3 // 4)
        # With few connections the bounds of a key may be more than all places. One key must not take all.
        self._owner_max = max(1, self._max * 3 // 4)
        self._key_max, self._key_streams_max = key_max, key_streams_max
        self._waits: Counter[str] = Counter()
        self._streams: Counter[str] = Counter()

    def place(self, owner: str) -> AbstractContextManager[None]:
        """Count a request as waiting while the context lasts.

        Raises:
            TooManyWaits: The owner has too many waits, or too many waits and streams, or all owners have.
        """
        return self._count(self._waits, owner, self._key_max, f"too many requests{_of_key(owner)} wait")

    def stream(self, owner: str) -> AbstractContextManager[None]:
        """Count a stream as open while the context lasts.

        Raises:
            TooManyWaits: The owner has too many streams, or too many waits and streams, or all owners have.
        """
        refusal = f"too many streams{_of_key(owner)} are open"
        return self._count(self._streams, owner, self._key_streams_max, refusal)

    @contextmanager
    def _count(self, counts: Counter[str], owner: str, key_max: int, refusal: str) -> Iterator[None]:
        if counts[owner] >= key_max:
            raise TooManyWaits(refusal)
        if owner and self._waits[owner] + self._streams[owner] >= self._owner_max:
            raise TooManyWaits("too many requests of this key wait or have streams")
        if self._waits.total() + self._streams.total() >= self._max:
            raise TooManyWaits("too many requests wait or have streams")
        counts[owner] += 1
        try:
            yield
        finally:
            counts[owner] -= 1


def _of_key(owner: str) -> str:
    return " of this key" if owner else ""
