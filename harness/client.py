"""A small HTTP client for the API.

It does only what the API needs, so that a measurement contains little of the client's own CPU time.
"""

import json
import select
import socket
import threading
from collections.abc import Mapping
from typing import Any, Final, Self
from urllib.parse import urlsplit

#: Seconds without data after which a connection fails.
_TIMEOUT: Final = 120.0


def make_request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of a request; a body is JSON."""
    fields = {"Host": "localhost", **(headers or {})}
    if body:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def authorize(key: str) -> dict[str, str]:
    """Return the field of a request's head that carries an API key."""
    return {"Authorization": f"Bearer {key}"}


def connect(port: int, host: str = "127.0.0.1", timeout: float = _TIMEOUT) -> socket.socket:
    """Open a TCP connection to the API."""
    connection = socket.create_connection((host, port), timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Answer:
    """An answer as it arrives.

    Attributes:
        status: The HTTP status, 0 until the head is complete.
        body: The body, empty until it is complete.
        last: Whether the server closes the connection after this answer.
    """

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self.last = False
        self._received = bytearray()
        self._body_at = 0
        self._expected = -1

    def add(self, data: bytes) -> bool:
        """Add received bytes.

        Returns:
            Whether the answer is complete.

        Raises:
            ConnectionError: The connection was closed before the end of the answer (`data` is empty).
        """
        if not data:
            raise ConnectionError("the API closed the connection")
        self._received += data
        if self._expected < 0:
            head, found, _ = self._received.partition(b"\r\n\r\n")
            if not found:
                return False
            self.status = int(head[9:12])
            fields = dict(line.split(": ", 1) for line in head.decode("ascii").lower().split("\r\n")[1:])
            self.last = fields.get("connection") == "close"
            self._body_at = len(head) + 4
            self._expected = self._body_at + int(fields["content-length"])
        if len(self._received) < self._expected:
            return False
        self.body = bytes(self._received[self._body_at :])
        return True

    def json(self) -> Any:
        """Decode the body."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The status and the body, for a message."""
        return f"{self.status} {self.body.decode(errors='replace')[:300]}"


class Connection:
    """A kept-alive connection, for one thread."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = connect(port, host)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def exchange(self, data: bytes) -> Answer:
        """Send the bytes of one request and return its answer. Raises OSError when the connection fails."""
        answer = Answer()
        self._socket.sendall(data)
        while not answer.add(self._socket.recv(65536)):
            pass
        return answer

    def is_closed(self) -> bool:
        """Return whether the server has closed the connection since the last answer."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))


class Client:
    """Sends requests to the API at a URL. Each thread has a connection of its own."""

    def __init__(self, url: str) -> None:
        """Send nothing yet."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._threads = threading.local()
        self._open: set[Connection] = set()

    def close(self) -> None:
        """Close the connections of all threads; no thread may be using one."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return its answer.

        Args:
            method: The HTTP method.
            path: The path and the query.
            body: A JSON value, or None for no body.
            headers: Fields to add to the head.

        Raises:
            OSError: There was no connection, or it broke before the end of the answer.
        """
        data = make_request(method, path, b"" if body is None else json.dumps(body).encode(), headers)
        connection = self._connection()
        try:
            answer = connection.exchange(data)
        except OSError:
            self._drop(connection)
            raise
        if answer.last:
            self._drop(connection)
        return answer

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._threads, "connection", None)
        # The server closes idle connections. A request on a closed one would fail.
        if connection is not None and connection.is_closed():
            self._drop(connection)
            connection = None
        if connection is None:
            connection = Connection(self._port, self._host)
            self._threads.connection = connection
            self._open.add(connection)
        return connection

    def _drop(self, connection: Connection) -> None:
        self._threads.connection = None
        self._open.discard(connection)
        connection.close()
