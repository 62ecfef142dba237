"""The connections of one API process: deadlines, number and memory.

One greenlet serves one connection:

    waiting for a request -> reading it -> answering it (the application runs) -> waiting for the next one

While the greenlet waits for a request or reads it, its connection has a deadline. `Connections.sweep` runs
once a second and ends each wait that is past its deadline. It calls `shutdown(SHUT_RD)`, which wakes the
greenlet. On Linux the greenlet can still read the bytes that have arrived, so the API answers a request that
arrived just before the deadline.
"""

import socket
import time
from typing import Final

from api.connection import Connection

#: Seconds a stopping process waits for the next request on an idle connection.
_LAST_REQUEST_SECONDS: Final = 2.0

#: The most bytes of all requests that are being read or answered, and of all unsent answers, together.
_HELD_BYTES: Final = 256 * 1024 * 1024


class Connections:
    """All connections of this process.

    Attributes:
        count: Number of open connections.
        held: Bytes of requests and unsent answers.
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
        self._limit = limit
        # In the order of their deadlines, because every wait may last equally long.
        self._waiting: dict[Connection, None] = {}

    def open(self, client: socket.socket) -> Connection:
        """Return the connection to `client`.

        If it takes the last free place, the connection that has waited longest for a request is closed. So
        slow and idle clients cannot keep other clients out.
        """
        self.count += 1
        if self.count >= self._limit:
            for connection in self._waiting:
                connection.stop_reading()
                break
        return Connection(client, self)

    @property
    def memory_is_used_up(self) -> bool:
        """Whether large requests and unsent answers must be refused."""
        return self.held > _HELD_BYTES

    def wait(self, connection: Connection) -> None:
        """Start the deadline of a connection's next request."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        connection.since = time.monotonic()

    def forget(self, connection: Connection) -> None:
        """Stop the deadline: the request is complete, or the connection is closed."""
        self._waiting.pop(connection, None)

    def sweep(self, *, stopping: bool) -> None:
        """End the waits that are past their deadlines.

        Args:
            stopping: Whether the process is stopping. Then idle connections are closed after two seconds.
        """
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
            connection.stop_reading()
