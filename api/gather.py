"""A gthread worker whose threads never wait for a client.

gunicorn's own hands a connection to a thread at once, and then half a request holds that thread, as does an
answer of which the client takes a little now and then. Here a thread takes a connection only when there is
something to do on it, and does as much as can be done without waiting:

    accept -> gathering -> serving -> sending -> gathering the next request, or lingering -> closed
               a request                a long answer            discarding what still comes

All threads wait at one epoll, and the one that it wakes goes on with the connection by itself: to hand each
request from a loop to a thread and back would switch between threads four times. A connection is armed for
one event, so no other thread meets it meanwhile. gunicorn's loop, in the main thread, accepts connections
and ends those that have taken too long; a lock keeps it off those a thread is busy with.

A request that takes longer than a connection may idle (`keepalive`) is answered 408. What a connection that
is closed still sends is discarded here too; gunicorn would wait for that, in the one thread that accepts.

A buffering proxy is needed only against more slow connections at once than `worker_connections`.
"""

import errno
import math
import socket
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from select import EPOLLIN, EPOLLONESHOT, EPOLLOUT, epoll
from threading import Lock, Thread
from typing import Any, Final

from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from api.incoming import Incoming
from api.refusal import refusal

#: Seconds a client may take for the part of its answer that the kernel does not take for it.
_TAKE: Final = 60.0

#: Seconds a connection lingers after the last answer was sent on it.
_LINGER: Final = 2.0

#: Seconds a stopping process waits for a request on a connection that is kept: it may be under way.
_LAST_CALL: Final = 2.0

#: Seconds for which no connection is accepted when there are no descriptors left.
_NO_DESCRIPTORS: Final = 0.1

#: Seconds between two looks for what has taken too long.
_LOOK_EVERY: Final = 0.5

#: The most bytes of all requests that are being gathered and answers that are being sent.
_HELD_BYTES: Final = 256 * 1024 * 1024

_AT_ONCE: Final = 64 * 1024


@dataclass(slots=True, eq=False)
class Client:
    """A connection. Whoever does something with it has its lock.

    go_on: what to do when it is ready. deadline: when it will have taken too long.
    incoming: the request that is being gathered; continued: whether the client was told to go on with it.
    keep: whether another may follow. unsent: the rest of the answer. held: bytes of both, as written down.
    """

    conn: TConn
    go_on: Callable[["Client"], None]
    deadline: float
    incoming: Incoming = field(default_factory=Incoming)
    continued: bool = False
    keep: bool = True
    unsent: bytes | memoryview = b""
    held: int = 0
    closed: bool = False
    lock: Any = field(default_factory=Lock)

    def begin(self, seconds: float) -> None:
        """Await a request for so many seconds."""
        self.incoming, self.continued = Incoming(), False
        self.deadline = time.monotonic() + seconds

    def gather(self, more: bytes, seconds: float) -> bool:
        """Take some of a request, which may take so many seconds; return whether it is in the parser now."""
        if more:
            if not self.incoming.data:
                self.deadline = time.monotonic() + seconds
            self.incoming.feed(more)
            if self.incoming.whole:
                self.conn.parser.unreader.unread(bytes(self.incoming.data))
        return self.incoming.whole

    def send(self, data: bytes | memoryview) -> None:
        """Send as much as the kernel takes now; the rest is `unsent`. Raises OSError."""
        try:
            sent = self.conn.sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        self.unsent = memoryview(data)[sent:] if sent < len(data) else b""

    def say(self, data: bytes) -> None:
        """Send as much of `data` as the kernel takes: whoever lets it fill up does not read anyway."""
        try:
            self.conn.sock.send(data, socket.MSG_DONTWAIT)
        except OSError:
            return

    @property
    def pinned(self) -> int:
        """Bytes of memory that the rest of the answer holds: all of it, of which it is a part."""
        whole = self.unsent.obj if isinstance(self.unsent, memoryview) else self.unsent
        return memoryview(whole).nbytes

    def unread(self) -> bool:
        """Say whether something has come that nobody has received yet."""
        try:
            return bool(self.conn.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False

    def receive(self) -> bytes | None:
        """Return what has come, None where nothing has yet, and b'' where nothing will any more."""
        try:
            more: bytes = self.conn.sock.recv(_AT_ONCE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        return more


class GatheringWorker(ThreadWorker):  # type: ignore[misc]
    """A gthread worker whose threads wait for requests, and never for the rest of one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._clients: dict[int, Client] = {}
        super().__init__(*args, **kwargs)
        self._next_look = 0.0
        self._last_call = math.inf
        # As many entries as threads wait. Adding and taking one is atomic, which counting is not.
        self._idle: deque[None] = deque()
        self._books = Lock()
        self._held = 0
        self._threads = 0

    @abstractmethod
    def serve(self, client: Client) -> bool:
        """Answer the request in the parser of `client`; return whether another may follow."""

    @property
    def nr_conns(self) -> int:
        """Return how many connections there are."""
        return len(self._clients)

    @nr_conns.setter
    def nr_conns(self, _: int) -> None:
        """Leave what gunicorn counts: it does so in one thread."""

    def init_process(self) -> None:
        """Begin in the process that serves."""
        self._ready = epoll()
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Accept a connection, if there is a descriptor left for it."""
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self.log.warning("no connection could be accepted: %s", error)
            # It is still there to be accepted; meanwhile some may be closed.
            time.sleep(_NO_DESCRIPTORS)

    def enqueue_req(self, conn: TConn) -> None:
        """Take a connection that was accepted."""
        # What must not wait says so by a flag: to change the mode would be another system call each time.
        conn.sock.setblocking(True)
        # Requests come to it whole. Without a socket it cannot wait for one either.
        conn.parser = get_parser(self.cfg, (), conn.client)
        client = Client(conn, self._gather, time.monotonic() + self.cfg.keepalive)
        self._clients[conn.sock.fileno()] = client
        self._ready.register(conn.sock.fileno(), EPOLLIN | EPOLLONESHOT)
        self._leave_one_waiting()

    def _leave_one_waiting(self) -> None:
        """See to it that some thread waits, unless there are as many as may be."""
        if self._idle or self._threads >= self.cfg.threads:
            return
        with self._books:
            if self._threads >= self.cfg.threads:
                return
            try:
                Thread(target=self._run, name="request", daemon=True).start()
            except RuntimeError as error:
                if not self._threads:
                    raise
                # Those there are come back.
                self.log.warning("no thread could be started: %s", error)
            else:
                self._threads += 1

    def _run(self) -> None:
        while True:
            self._idle.append(None)
            ready = self._ready.poll(maxevents=1)
            self._idle.pop()
            for number, _ in ready:
                client = self._clients.get(number)
                if client is not None:
                    self._step(client)

    def _step(self, client: Client) -> None:
        with client.lock:
            # It may have become too late for it just now.
            if client.closed:
                return
            try:
                client.go_on(client)
            except Exception as error:
                self.log.error("cannot go on with a connection", exc_info=error)
                self._close(client)

    def _arm(self, client: Client, events: int, then: Callable[[Client], None]) -> None:
        """Have a thread do `then` when the connection is ready."""
        client.go_on = then
        self._ready.modify(client.conn.sock.fileno(), events | EPOLLONESHOT)

    def _gather(self, client: Client) -> None:
        more = client.receive()
        if more == b"":
            self._close(client)
        else:
            self._feed(client, more or b"")

    def _feed(self, client: Client, more: bytes) -> None:
        """Answer every request that is whole by `more`, then await what comes."""
        while client.gather(more, self.cfg.keepalive):
            self._hold(client, 0)
            self._leave_one_waiting()
            client.keep = self.serve(client)
            client.begin(self.cfg.keepalive)
            if not self._sent(client):
                return
            # A pipelining client may have sent some of its next request, or all of it.
            more = client.conn.parser.unreader.take_buffered()
        if not self._hold(client, len(client.incoming.data)):
            self._refuse(client, HTTPStatus.SERVICE_UNAVAILABLE)
            return
        if client.incoming.expects_continue and not client.continued:
            client.continued = True
            client.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._arm(client, EPOLLIN, self._gather)

    def _sent(self, client: Client) -> bool:
        """Say whether the answer is sent and another request may follow; if not, see to what comes first."""
        if client.unsent:
            # The kernel says so only when a good part of what it holds was taken, not at each byte.
            client.deadline = time.monotonic() + _TAKE
            if self._hold(client, client.pinned):
                self._arm(client, EPOLLOUT, self._send)
            else:
                self._close(client)
        elif not client.keep:
            self._linger(client)
        else:
            return True
        return False

    def _send(self, client: Client) -> None:
        try:
            client.send(client.unsent)
        except OSError:
            self._close(client)
            return
        if self._sent(client):
            client.begin(self.cfg.keepalive)
            self._feed(client, client.conn.parser.unreader.take_buffered())

    def _refuse(self, client: Client, status: HTTPStatus) -> None:
        client.say(refusal(status))
        self._linger(client)

    def _linger(self, client: Client) -> None:
        # To close now would reset the connection, and the client could lose the answer.
        self._hold(client, 0)
        try:
            client.conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(client)
            return
        client.begin(_LINGER)
        self._arm(client, EPOLLIN, self._discard)

    def _discard(self, client: Client) -> None:
        if client.receive() == b"":
            self._close(client)
        else:
            self._arm(client, EPOLLIN, self._discard)

    def _close(self, client: Client) -> None:
        self._hold(client, 0)
        client.closed = True
        # Once it is closed, a new connection may have its number.
        del self._clients[client.conn.sock.fileno()]
        client.conn.close()
        if not self._accepting:
            # gunicorn's loop waits for connections to become fewer.
            self.method_queue.defer(lambda: None)

    def _hold(self, client: Client, held: int) -> bool:
        """Write down how many bytes are held for the client; say whether so many may be, of all together."""
        if held != client.held:
            with self._books:
                self._held += held - client.held
            client.held = held
        return not held or self._held <= _HELD_BYTES

    def murder_pending(self) -> None:
        """End what has taken too long, and when stopping whatever does not begin; in the main thread."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _LOOK_EVERY
        if not self.alive:
            self._last_call = min(self._last_call, now + _LAST_CALL)
        for client in list(self._clients.values()):
            # With a thread it is not too late, however long that takes.
            if client.lock.acquire(blocking=False):
                try:
                    self._end_if_late(client, now)
                finally:
                    client.lock.release()

    def _end_if_late(self, client: Client, now: float) -> None:
        if client.closed:
            return
        gathers = client.go_on == self._gather
        called = self._last_call < now and gathers and not client.incoming.data
        if client.deadline >= now and not called:
            return
        # What came waits for a thread, and the client is not to blame that all of them are busy.
        if gathers and client.unread():
            return
        if client.incoming.data:
            self._refuse(client, HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close(client)
