"""One connection to a client, with bounds on time and memory."""

import errno
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import gevent
from gevent.monkey import get_original

from api.refusal import Refused
from jobs.limits import BODY_BYTES, REQUEST_BYTES

if TYPE_CHECKING:
    from api.connections import Connections

#: Seconds a client may take to read the part of an answer that fills the kernel's buffer.
_SEND_SECONDS: Final = 60.0

#: Seconds for which the server still reads after the last answer. Closing a connection with unread bytes
#: resets it, and the client could lose the answer.
_LINGER_SECONDS: Final = 2.0

#: The most bytes of the head of a request: gunicorn searches all of it after each piece that arrives.
_HEAD_BYTES: Final = 64 * 1024

#: The most bytes of one request as it is sent, the sizes of its chunks included.
_RECEIVED_BYTES: Final = BODY_BYTES + REQUEST_BYTES

#: A connection whose request and unsent answer have up to this many bytes is served even when the memory for
#: all connections is used up.
_SMALL: Final = 16 * 1024

#: Seconds for which the process serves one connection without a pause. Then it serves others first.
_TURN_SECONDS: Final = 0.002

#: Some clients send a request in many small pieces: one read returns fewer than _PIECE_BYTES bytes. After
#: more than _PIECES such reads, each further read of the request begins with a pause of _PIECE_SECONDS. Then
#: gunicorn receives and parses several pieces at once.
_PIECES: Final = 64
_PIECE_BYTES: Final = 512
_PIECE_SECONDS: Final = 0.005


#: Asks a client that has closed its side of the connection whether it still reads. Every HTTP/1.1 client must
#: ignore this answer (RFC 9110, section 15.2).
_PROBE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection:
    """A client's socket, with bounds. gunicorn calls it as it would call the socket.

    Attributes:
        address: The client's address.
        owner: The name of the API key of the current request; empty without one, None until the head of the
            request has arrived.
        held: Bytes of the current request and of unsent answers.
        since: When the wait for this request began.
        idle: Whether no byte of the next request has arrived.
        cut_off: Whether the latest answer was a stream that ended because the process stops.
    """

    def __init__(self, client: socket.socket, address: str, connections: "Connections") -> None:
        """Take over the client's socket."""
        self._socket = client
        self._connections = connections
        self.address = address
        self.owner: str | None = None
        self.held = 0
        self.since = 0.0
        self.idle = True
        self.cut_off = False
        self._late = False
        self._ended = False
        self._closed = False
        self._head_complete = False
        self._received = 0
        self._pieces = 0
        self._turn = time.monotonic()
        self._may_probe = False
        self._probe = _PROBE
        self._answering = False
        self._sending = False
        self._head = b""

    def await_request(self, *, part: bool = False) -> None:
        """Begin to wait for the next request.

        Args:
            part: Whether a part of it has arrived together with the previous request.
        """
        self.flush()
        self._answering = False
        self.idle = not part
        self._head_complete = False
        self._received = self._pieces = 0
        self.release()
        self.owner = None
        self._connections.wait(self)
        if part:
            self.take_turns()

    def head_complete(self, *, interim_answers: bool) -> None:
        """Stop the deadline, and allow as many bytes as a body has: the head of the request has arrived.

        Args:
            interim_answers: Whether the client understands answers that another one follows.
        """
        self._head_complete = True
        self._may_probe = interim_answers
        self._connections.forget(self)
        self.set_owner("")

    def await_body(self) -> None:
        """Start a deadline for the body. Until the application reads it, nothing waits for the client."""
        self._connections.wait(self)

    def request_complete(self) -> None:
        """Stop the deadline: the whole request has arrived."""
        self._connections.forget(self)

    def recv(self, size: int) -> bytes:
        """Return bytes that the client has sent.

        Returns:
            At most `size` bytes. b"" at the end of the stream, or if an idle connection has waited too long.

        Raises:
            Refused: The request took too long, is too long, or there is no memory for it.
        """
        self.flush()
        if self._pieces > _PIECES:
            gevent.sleep(_PIECE_SECONDS)
        elif not self.idle:
            self.take_turns()
        try:
            data = self._socket.recv(size)
        except OSError:
            if not self._late:
                raise
            # gevent's shutdown() ends the wait with an error. The bytes that have arrived can still be read.
            data = self._socket.recv(size)
        if not data:
            self._ended = not self._late
            if self._late and not self.idle:
                raise Refused(HTTPStatus.REQUEST_TIMEOUT)
            return data
        if self.idle:
            self.idle = False
            self._connections.wait(self)
            self._turn = self.since
        self._received += len(data)
        if not self._head_complete and self._received > _HEAD_BYTES:
            raise Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if self._received > _RECEIVED_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if len(data) < _PIECE_BYTES:
            self._pieces += 1
        self.hold(len(data))
        return data

    def hold(self, more: int) -> None:
        """Count memory that the current request takes, until `release` or the next request.

        Raises:
            Refused: There is no memory for it.
        """
        self._connections.hold(self, more)
        if not self._has_memory():
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)

    def release(self) -> None:
        """Stop counting the memory of the current request: nothing refers to it or its answer any more."""
        self._connections.hold(self, -self.held)

    def set_owner(self, owner: str) -> None:
        """Count the memory of the current request for an API key."""
        held = self.held
        self.release()
        self.owner = owner
        self._connections.hold(self, held)

    def send(self, data: bytes) -> int:
        """Send an interim answer (100 Continue)."""
        self._send([data])
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send a part of an answer. The head, which comes first, is sent together with the next part."""
        if not self._answering:
            self._connections.forget(self)
            self._answering, self._head = True, data
            return
        if len(data) > _SMALL:
            # To make a large answer takes milliseconds.
            self.take_turns()
        head, self._head = self._head, b""
        self._send([head, data])

    def flush(self) -> None:
        """Send the head of an answer that has no body."""
        if self._head:
            head, self._head = self._head, b""
            self._send([head])

    def setblocking(self, flag: bool) -> None:
        """Set whether the socket's calls wait."""
        self._socket.setblocking(flag)

    def shutdown(self, how: int) -> None:
        """Shut the connection down without sending the rest of the answer."""
        self._head = b""
        self._socket.shutdown(how)

    def stop_waiting(self) -> None:
        """Wake the greenlet that waits for the client.

        If it waits for a request, it still reads the bytes that have arrived. If it sends an answer or closes
        the connection, it gives up.
        """
        self._late = True
        self._connections.forget(self)
        try:
            self._socket.shutdown(socket.SHUT_RDWR if self._sending else socket.SHUT_RD)
        except OSError:
            # The client has reset the connection, which wakes the greenlet too.
            return

    def has_left(self) -> bool:
        """Return whether the client has closed the connection.

        A client that closes only its own side, and still reads, sends the same FIN as a client that has left.
        So the first FIN is answered with an interim answer, in a stream with a comment. A client that has
        left resets the connection then (RFC 9293, section 3.10.7.4), which the next call sees.
        """
        poll = system_poll()
        poll.register(self._socket.fileno(), select.POLLRDHUP)
        events = sum(event for _, event in poll.poll(0))
        if events & (select.POLLERR | select.POLLHUP):
            return True
        if events & select.POLLRDHUP and self._may_probe:
            self._may_probe = False
            try:
                self._send([self._probe])
            except OSError:
                return True
        return False

    @contextmanager
    def streaming(self, probe: bytes, wake: Callable[[], None]) -> Iterator[None]:
        """Answer with a stream while the context lasts.

        Args:
            probe: What a client that still reads ignores in the stream.
            wake: Ends the stream's wait. Called when the client may have left and when the process stops.
        """
        self._connections.open_stream(self, wake)
        self._probe, self._may_probe = probe, True
        try:
            yield
        finally:
            self._connections.close_stream(self)
            self._probe = _PROBE
            self.cut_off = self._connections.stopping

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._socket.fileno()

    def stream_must_end(self) -> bool:
        """Return whether the process stops, so that the client must go on at another, or the client has left.

        Call it only between two parts of the stream.
        """
        return self._connections.stopping or self.has_left()

    def close(self) -> None:
        """Close the connection once the client has received the answer, or after two seconds."""
        if self._closed:
            return
        self._closed = True
        self._connections.forget(self)
        try:
            self.flush()
            if not self._ended:
                self._linger()
        except OSError:
            # The client has reset the connection.
            pass
        finally:
            self.release()
            self._connections.forget(self)
            self._connections.count -= 1
            self._socket.close()

    def take_turns(self) -> None:
        """Serve other connections first if this one has had its time."""
        if time.monotonic() - self._turn > _TURN_SECONDS:
            # With a sleep of 0 gevent may not look for other connections that have become ready.
            gevent.sleep(1e-6)
            self._turn = time.monotonic()

    def _linger(self) -> None:
        self._connections.wait_for_reader(self)
        self._socket.shutdown(socket.SHUT_WR)
        ends = time.monotonic() + _LINGER_SECONDS
        while (left := ends - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._socket.recv(64 * 1024):
                return

    def _send(self, parts: Sequence[bytes]) -> None:
        self._socket.settimeout(0.0)
        try:
            sent = self._socket.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        if sent < sum(map(len, parts)):
            self._send_slowly(parts, sent)
        self._socket.settimeout(None)

    def _send_slowly(self, parts: Sequence[bytes], sent: int) -> None:
        size = sum(map(len, parts))
        self._connections.hold(self, size)
        self._connections.wait_for_reader(self)
        self._sending = True
        self._socket.settimeout(_SEND_SECONDS)
        for part in parts:
            rest = memoryview(part)[sent:]
            sent = max(0, sent - len(part))
            while rest:
                if not self._has_memory():
                    raise BrokenPipeError(
                        errno.EPIPE, "no memory for an answer that the client does not read"
                    )
                try:
                    rest = rest[self._socket.send(rest) :]
                except TimeoutError:
                    raise BrokenPipeError(errno.EPIPE, "the client does not read its answer") from None
                except OSError:
                    if not self._late:
                        raise
                    raise BrokenPipeError(errno.EPIPE, "another client needs the connection") from None
        self._sending = False
        self._connections.forget(self)
        # A stream sends many parts.
        self._connections.hold(self, -size)

    def _has_memory(self) -> bool:
        return self.held <= _SMALL or not self._connections.memory_is_used_up(self.owner)


def system_poll() -> Any:
    """Return a poll object of the system. gevent's own has no POLLRDHUP."""
    return get_original("select", "poll")()
