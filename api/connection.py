"""One connection to a client, with bounds on time and memory."""

import errno
import socket
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import gevent

from jobs.limits import REQUEST_BYTES

if TYPE_CHECKING:
    from api.connections import Connections

#: Seconds a client may take to read the part of an answer that fills the kernel's buffer.
_SEND_SECONDS: Final = 60.0

#: Seconds for which the server still reads after the last answer. Closing a connection with unread bytes
#: resets it, and the client could lose the answer.
_LINGER_SECONDS: Final = 2.0

#: The most bytes of one request as it is sent. A chunk of one byte is sent as six bytes.
_RECEIVED_BYTES: Final = 8 * REQUEST_BYTES

#: A connection whose request and unsent answer have up to this many bytes is served even when the memory for
#: all connections is used up.
_SMALL: Final = 16 * 1024

#: Seconds for which the process reads one connection without a pause. Then it serves other connections first.
_TURN_SECONDS: Final = 0.005

#: Some clients send a request in many small pieces: one read returns fewer than _PIECE_BYTES bytes. After
#: more than _PIECES such reads, each further read of the request begins with a pause of _PIECE_SECONDS. Then
#: gunicorn receives and parses several pieces at once.
_PIECES: Final = 64
_PIECE_BYTES: Final = 512
_PIECE_SECONDS: Final = 0.005


class Refused(Exception):
    """The server refuses the request before the application sees it."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Connection:
    """A client's socket, with bounds. gunicorn calls it as it would call the socket.

    Attributes:
        since: When the wait for this request began.
        idle: Whether no byte of the next request has arrived.
    """

    def __init__(self, client: socket.socket, connections: "Connections") -> None:
        """Take over the client's socket."""
        self._socket = client
        self._connections = connections
        self.since = 0.0
        self.idle = True
        self._late = False
        self._ended = False
        self._closed = False
        self._held = 0
        self._received = 0
        self._pieces = 0
        self._turn = 0.0
        self._answering = False
        self._head = b""

    def await_request(self, *, part: bool = False) -> None:
        """Begin to wait for the next request.

        Args:
            part: Whether a part of it has arrived together with the previous request.
        """
        self.flush()
        self._answering = False
        self.idle = not part
        self._received = self._pieces = 0
        self._hold(-self._held)
        self._connections.wait(self)
        if part:
            self._take_turns()

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
            self._take_turns()
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
        if self._received > _RECEIVED_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if len(data) < _PIECE_BYTES:
            self._pieces += 1
        self._hold(len(data))
        if self._held > _SMALL and self._connections.memory_is_used_up:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
        return data

    def send(self, data: bytes) -> int:
        """Send an interim answer (100 Continue)."""
        self._send(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        """Send a part of an answer. The head, which comes first, is sent together with the next part."""
        if not self._answering:
            self._answering, self._head = True, data
            return
        self._send(self._head + data)
        self._head = b""

    def flush(self) -> None:
        """Send the head of an answer that has no body."""
        if self._head:
            head, self._head = self._head, b""
            self._send(head)

    def setblocking(self, flag: bool) -> None:
        """Set whether the socket's calls wait."""
        self._socket.setblocking(flag)

    def shutdown(self, how: int) -> None:
        """Shut the connection down without sending the rest of the answer."""
        self._head = b""
        self._socket.shutdown(how)

    def stop_reading(self) -> None:
        """Wake the greenlet that waits for a request. It reads the bytes that have arrived, and no more."""
        self._late = True
        self._connections.forget(self)
        try:
            self._socket.shutdown(socket.SHUT_RD)
        except OSError:
            # The client has reset the connection, which wakes the greenlet too.
            return

    def hung_up(self) -> bool:
        """Return whether the client has closed the connection."""
        self._socket.settimeout(0.0)
        try:
            return not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        finally:
            self._socket.settimeout(None)

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
            self._hold(-self._held)
            self._connections.count -= 1
            self._socket.close()

    def _take_turns(self) -> None:
        if time.monotonic() - self._turn > _TURN_SECONDS:
            # With a sleep of 0 gevent may not look for other connections that have become ready.
            gevent.sleep(1e-6)
            self._turn = time.monotonic()

    def _linger(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)
        ends = time.monotonic() + _LINGER_SECONDS
        while (left := ends - time.monotonic()) > 0:
            self._socket.settimeout(left)
            if not self._socket.recv(64 * 1024):
                return

    def _send(self, data: bytes) -> None:
        self._socket.settimeout(0.0)
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._hold(len(data))
            self._send_slowly(memoryview(data)[sent:])
        self._socket.settimeout(None)

    def _send_slowly(self, rest: memoryview) -> None:
        self._socket.settimeout(_SEND_SECONDS)
        while rest:
            if self._held > _SMALL and self._connections.memory_is_used_up:
                raise BrokenPipeError(errno.EPIPE, "no memory for an answer that the client does not read")
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                raise BrokenPipeError(errno.EPIPE, "the client does not read its answer") from None

    def _hold(self, more: int) -> None:
        self._held += more
        self._connections.held += more
