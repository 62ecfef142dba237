"""A gthread worker whose threads never wait for a client.

gunicorn's own hands a connection to a thread at once, and then half a request holds that thread. Here the
event loop gathers each request, and a thread gets it when it is whole:

    accept, or the next request of a connection -> gathering -> thread -> kept alive, or lingering -> closed

A request that takes longer than a connection may idle (`keepalive`) is answered 408. What a connection that
is closed still sends is discarded here too; gunicorn would wait for that, in the one thread that accepts.

A buffering proxy is needed only against more slow connections at once than `worker_connections`.
"""

import socket
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from selectors import EVENT_READ
from typing import Any, Final

from gunicorn.workers.gthread import TConn, ThreadWorker

from api.incoming import Incoming
from api.refusal import refusal

#: Seconds a connection lingers after the last answer was sent on it.
_LINGER: Final = 2.0

#: The most bytes of all requests that are being gathered.
_GATHERED_BYTES: Final = 256 * 1024 * 1024

_AT_ONCE: Final = 64 * 1024


@dataclass(slots=True)
class _Gathering:
    deadline: float
    incoming: Incoming = field(default_factory=Incoming)
    continued: bool = False


class GatheringWorker(ThreadWorker):  # type: ignore[misc]
    """A gthread worker that gathers requests in its event loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gathering: dict[TConn, _Gathering] = {}
        self._lingering: dict[TConn, float] = {}
        self._bytes = 0

    def enqueue_req(self, conn: TConn) -> None:
        """Gather the next request of `conn`; then hand it to a thread."""
        # Makes the parser, which in gunicorn a thread does: for the sake of TLS, which is not served here.
        conn.init()
        conn.sock.setblocking(False)
        gathering = self._gathering[conn] = _Gathering(time.monotonic() + self.cfg.keepalive)
        # What a pipelining client sent behind its last request.
        self._feed(conn, gathering, conn.parser.unreader.take_buffered())
        if conn in self._gathering:
            self.poller.register(conn.sock, EVENT_READ, partial(self._on_readable, conn))
            self._on_readable(conn, conn.sock)

    def _on_readable(self, conn: TConn, client: socket.socket) -> None:
        gathering = self._gathering[conn]
        try:
            more = client.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._forget(conn)
            self._close(conn)
            return
        if not gathering.incoming.data:
            gathering.deadline = time.monotonic() + self.cfg.keepalive
        self._feed(conn, gathering, more)

    def _feed(self, conn: TConn, gathering: _Gathering, more: bytes) -> None:
        incoming = gathering.incoming
        incoming.feed(more)
        self._bytes += len(more)
        if incoming.whole:
            self._forget(conn)
            conn.parser.unreader.unread(bytes(incoming.data))
            super().enqueue_req(conn)
        elif self._bytes > _GATHERED_BYTES:
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)
        elif incoming.expects_continue and not gathering.continued:
            gathering.continued = True
            _send(conn, b"HTTP/1.1 100 Continue\r\n\r\n")

    def finish_request(self, conn: TConn, fs: "Future[Any]") -> None:
        """Keep the connection for its next request, or let it linger."""
        if fs.cancelled() or fs.exception() is not None or fs.result():
            super().finish_request(conn, fs)
        else:
            self._linger(conn)

    def murder_pending(self) -> None:
        """End what has taken too long, and when stopping whatever has not begun."""
        now = time.monotonic()
        for conn, gathering in list(self._gathering.items()):
            if gathering.incoming.data and gathering.deadline < now:
                self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
            elif not gathering.incoming.data and (gathering.deadline < now or not self.alive):
                self._forget(conn)
                self._close(conn)
        for conn, deadline in list(self._lingering.items()):
            if deadline < now:
                self._end(conn)

    def _refuse(self, conn: TConn, status: HTTPStatus) -> None:
        self._forget(conn)
        _send(conn, refusal(status))
        self._linger(conn)

    def _linger(self, conn: TConn) -> None:
        # To close now would reset the connection, and the client could lose the answer.
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError):
            self._close(conn)
            return
        self._lingering[conn] = time.monotonic() + _LINGER

    def _discard(self, conn: TConn, client: socket.socket) -> None:
        try:
            more = client.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self._end(conn)

    def _end(self, conn: TConn) -> None:
        del self._lingering[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _forget(self, conn: TConn) -> None:
        self._bytes -= len(self._gathering.pop(conn).incoming.data)
        if conn.sock in self.poller.get_map():
            self.poller.unregister(conn.sock)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _send(conn: TConn, data: bytes) -> None:
    # As much as the kernel takes: whoever lets it fill up does not read anyway.
    try:
        conn.sock.send(data)
    except OSError:
        return
