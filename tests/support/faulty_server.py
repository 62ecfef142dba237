"""An HTTP server of plain sockets that answers as it is told, also wrongly."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

#: Seconds between two bytes of an answer that drips.
_DRIP = 0.05


@dataclass(frozen=True)
class Received:
    """A request as it arrived.

    Attributes:
        line: The first line without the version, for example `GET /jobs`.
        headers: The headers, with names in lower case.
        body: The body.
    """

    line: str
    headers: dict[str, str]
    body: bytes


#: Answers a request on a connection. If it returns False, the connection is closed.
Behaviour = Callable[["FaultyServer", socket.socket], bool]


class FaultyServer:
    """A server that answers each request with the next of its behaviours; the last is repeated.

    Attributes:
        url: Its URL.
        received: The requests in the order of their arrival.
        connections: How many connections there were.
        ended: How many connections have ended.
        stopped: Set when the server stops.
    """

    def __init__(self, listener: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        self.received: list[Received] = []
        self.connections = 0
        self.ended = 0
        self.stopped = threading.Event()
        self._listener, self._tls = listener, tls
        self._behaviours: list[Behaviour] = []
        self._lock = threading.Lock()

    def answer(self, *behaviours: Behaviour) -> None:
        """Answer the next requests in this way."""
        with self._lock:
            self._behaviours = list(behaviours)

    def serve(self) -> None:
        """Accept connections until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(OSError), self._secured(connection) as secured, secured.makefile("rb") as file:
            while request := _read_request(file):
                with self._lock:
                    self.received.append(request)
                    behaviour = self._behaviours[0]
                    self._behaviours = self._behaviours[1:] or self._behaviours
                if not behaviour(self, secured):
                    break
        self.ended += 1

    def _secured(self, connection: socket.socket) -> socket.socket:
        if not self._tls:
            return connection
        with connection:
            return self._tls.wrap_socket(connection, server_side=True)


@contextmanager
def faulty_server(tls: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    """Run a server until the context ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = FaultyServer(listener, tls)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def head(status: int, *fields: str) -> bytes:
    """Return the head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status} Answer", *fields, "", ""]).encode("latin-1")


def says(status: int, body: Any = None, *fields: str, kind: str = "application/json") -> Behaviour:
    """Answer correctly: with JSON, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw(head(status, f"Content-Type: {kind}", f"Content-Length: {len(content)}", *fields) + content)


def raw(data: bytes, *, keep: bool = True) -> Behaviour:
    """Answer with these bytes; close the connection unless it is to be kept."""

    def behave(_: FaultyServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        return keep

    return behave


def drips(data: bytes, repeated: bytes) -> Behaviour:
    """Answer with bytes, and then with one after the other without an end."""

    def behave(server: FaultyServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        while not server.stopped.wait(_DRIP):
            connection.sendall(repeated)
        return False

    return behave


def floods(data: bytes, repeated: bytes) -> Behaviour:
    """Answer with more and more bytes as fast as the client takes them."""

    def behave(server: FaultyServer, connection: socket.socket) -> bool:
        connection.sendall(data)
        while not server.stopped.is_set():
            connection.sendall(repeated)
        return False

    return behave


def is_silent(server: FaultyServer, _: socket.socket) -> bool:
    """Answer nothing, and keep the connection."""
    server.stopped.wait()
    return False


def closes(_: FaultyServer, __: socket.socket) -> bool:
    """Close the connection instead of an answer."""
    return False


def resets(_: FaultyServer, connection: socket.socket) -> bool:
    """Reset the connection instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _read_request(file: Any) -> Received | None:
    line = file.readline().decode("latin-1")
    if not line.endswith("HTTP/1.1\r\n"):
        return None
    headers: dict[str, str] = {}
    while field := file.readline().decode("latin-1").rstrip():
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    body = file.read(int(headers.get("content-length", 0)))
    return Received(line.rpartition(" ")[0], headers, body)
