"""A kept-alive connection to the API: just enough HTTP, so that little of it is measured."""

import socket
import time
from typing import Self


def request(body: bytes) -> bytes:
    """Return the bytes of a request to run a job."""
    head = (
        "POST /execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Answer:
    """An answer as it arrives. status: 0 until the head is there."""

    def __init__(self) -> None:
        self.status = 0
        self.body = b""
        self._received = bytearray()
        self._expected = -1

    def add(self, data: bytes) -> bool:
        """Take what was received; say whether the answer is complete. Raises ConnectionError at an end."""
        if not data:
            raise ConnectionError("the API closed the connection")
        self._received += data
        if self._expected < 0:
            head, found, _ = self._received.partition(b"\r\n\r\n")
            if not found:
                return False
            self.status = int(head[9:12])
            fields = dict(line.split(": ", 1) for line in head.decode("ascii").lower().split("\r\n")[1:])
            self._expected = len(head) + 4 + int(fields["content-length"])
        if len(self._received) < self._expected:
            return False
        self.body = bytes(self._received[self._received.index(b"\r\n\r\n") + 4 :])
        return True


def connect(port: int) -> socket.socket:
    """Connect to the API on this machine."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=120)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Client:
    """Sends one job at a time."""

    def __init__(self, port: int) -> None:
        self._socket = connect(port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def execute(self, body: bytes) -> float:
        """Run a job and return the milliseconds it took. Raises AssertionError unless it succeeded."""
        answer = Answer()
        data = request(body)
        began = time.perf_counter()
        self._socket.sendall(data)
        while not answer.add(self._socket.recv(65536)):
            pass
        took = time.perf_counter() - began
        assert answer.status == 200, answer.body
        return took * 1000
