"""The connections of one API process: deadlines, number and memory.

One greenlet serves one connection:

    waiting for a request -> reading it -> answering it (the application runs) -> waiting for the next one

While the greenlet waits for a request or reads it, its connection has a deadline. `Connections.sweep` runs
once a second and ends each wait that is past its deadline. It calls `shutdown(SHUT_RD)`, which wakes the
greenlet. On Linux the greenlet can still read the bytes that have arrived, so the API answers a request that
arrived just before the deadline.

A connection waits for its client while a request arrives and while the client reads an answer. When the last
place is taken, one of these connections is closed. `api.waits` bounds the number of the other connections.
"""

import ipaddress
import select
import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from api.connection import Connection, system_poll

#: Seconds a stopping process waits for the next request on an idle connection.
_LAST_REQUEST_SECONDS: Final = 2.0

#: The most bytes of all requests that are being read or answered, and of all unsent answers, together. One
#: API key may take half of them, and the heads that are arriving, whose keys are not known, a quarter.
_HELD_BYTES: Final = 256 * 1024 * 1024


class Connections:
    """All connections of this process.

    Attributes:
        count: Number of open connections.
        held: Bytes of requests and unsent answers.
        stopping: Whether the process stops.
    """

    def __init__(self, limit: int, seconds: float) -> None:
        """Start without connections.

        Args:
            limit: The most connections at once.
            seconds: Seconds for a request to arrive, and seconds a connection may be idle.
        """
        self.seconds = seconds
        self.count = 0
        self.held = 0
        self.stopping = False
        # The functions that end the waits of streams, by the descriptors of their connections.
        self._streams: dict[int, Callable[[], None]] = {}
        self._leaving = system_poll()
        self._held_by: Counter[str | None] = Counter()
        self._limit = limit
        # In the order of their deadlines, because every wait may last equally long.
        self._waiting: dict[Connection, None] = {}
        # The connections of each address that wait for their client, the longest wait first.
        self._by_address: dict[str, dict[Connection, None]] = {}

    def open(self, client: socket.socket, address: str) -> Connection:
        """Return the connection to `client`.

        If it takes the last free place, a connection that waits for its client is closed: of the address that
        has the most of them, the one that has waited longest. So slow and idle clients cannot keep other
        clients out.
        """
        self.count += 1
        if self.count >= self._limit and self._by_address:
            most = max(self._by_address.values(), key=len)
            next(iter(most)).stop_waiting()
        return Connection(client, _network(address), self)

    def hold(self, connection: Connection, more: int) -> None:
        """Count memory of a connection."""
        connection.held += more
        self.held += more
        self._held_by[connection.owner] += more

    def memory_is_used_up(self, owner: str | None) -> bool:
        """Return whether large requests and unsent answers of an owner must be refused."""
        share = _HELD_BYTES // 4 if owner is None else _HELD_BYTES // 2
        return self.held > _HELD_BYTES or (owner != "" and self._held_by[owner] > share)

    def wait(self, connection: Connection) -> None:
        """Start the deadline of a connection's next request."""
        self.wait_for_reader(connection)
        self._waiting[connection] = None
        connection.since = time.monotonic()

    def wait_for_reader(self, connection: Connection) -> None:
        """Note that a connection waits for its client to read or to close, with a deadline of its own."""
        self.forget(connection)
        self._by_address.setdefault(connection.address, {})[connection] = None

    def forget(self, connection: Connection) -> None:
        """Stop the deadline: the connection does not wait for its client any more."""
        self._waiting.pop(connection, None)
        of_address = self._by_address.get(connection.address, {})
        of_address.pop(connection, None)
        if not of_address:
            self._by_address.pop(connection.address, None)

    def open_stream(self, connection: Connection, wake: Callable[[], None]) -> None:
        """Call `wake` within a second if the client of a stream closes its side, or the process stops."""
        self._streams[connection.fileno()] = wake
        self._leaving.register(connection.fileno(), select.POLLRDHUP)

    def close_stream(self, connection: Connection) -> None:
        """Forget a stream."""
        self._leaving.unregister(connection.fileno())
        del self._streams[connection.fileno()]

    def sweep(self, *, stopping: bool) -> None:
        """End the waits that are past their deadlines, and those of streams whose clients may have left.

        Args:
            stopping: Whether the process is stopping. Then streams end at once, so that their clients go on
                at another process, and idle connections are closed after two seconds.
        """
        self.stopping = stopping
        for descriptor, _ in self._leaving.poll(0):
            # A client may close its own side and still read. The next time is when it resets the connection.
            self._leaving.modify(descriptor, 0)
            self._streams[descriptor]()
        if stopping:
            for wake in self._streams.values():
                wake()
        now = time.monotonic()
        late = []
        for connection in self._waiting:
            if now - connection.since >= self.seconds:
                late.append(connection)
            elif not stopping:
                break
            elif connection.idle and now - connection.since >= _LAST_REQUEST_SECONDS:
                late.append(connection)
        for connection in late:
            connection.stop_waiting()


def _network(address: str) -> str:
    """Return the part of an address that one client has: IPv4 whole, of IPv6 the first 64 bits."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    return str(ip.ipv4_mapped or int(ip) >> 64)
