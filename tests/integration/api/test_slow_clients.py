"""Clients that send or read slowly, and requests in unusual pieces."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from jobs.outcome import Outcome, SandboxKind
from tests.support.gunicorn import Server, serving
from tests.support.worker import StubWorker

BODY: Final = {"script": "def main():\n    return {}"}
_HEAD: Final = b"Host: x\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def strict(server_url: str) -> Iterator[Server]:
    """A server that allows a client one second for its request."""
    with serving(server_url, "--keep-alive", "1") as server:
        yield server


_WHOLE: Final = (
    b"POST /execute HTTP/1.1\r\n" + _HEAD + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


@pytest.mark.parametrize("sent", [b"", b"P", _WHOLE[:40], _WHOLE[:-1]])
def test_half_sent_requests_do_not_delay_others(strict: Server, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", strict.port), timeout=10))
            connection.sendall(sent)
        began = time.monotonic()
        for _ in range(10):
            assert strict.client.get("/health/live").status_code == 200
        assert time.monotonic() - began < 1.0


def test_request_sent_byte_by_byte_is_answered_in_time_and_refused_when_late(strict: Server) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as connection:
        for byte in _WHOLE:
            connection.sendall(bytes([byte]))
        assert connection.recv(65536).startswith(b"HTTP/1.1 400")
    line, found = strict.exchange(_WHOLE[:-1])
    assert line.split()[1] == "408"
    assert found["error"]["type"] == "request_timeout"


def test_pipelined_requests_are_answered_in_order(strict: Server) -> None:
    get = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as connection:
        connection.sendall(get + get + get[:10])
        connection.sendall(get[10:] + _WHOLE)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert [part[:4] for part in answer.split(b"HTTP/1.1 ")] == [b"", b"200 ", b"200 ", b"200 ", b"400 "]


def test_clients_that_never_close_do_not_delay_others(strict: Server) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", strict.port), timeout=10))
            connection.sendall(_WHOLE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 400")
        began = time.monotonic()
        assert strict.client.get("/health/live").status_code == 200
        assert time.monotonic() - began < 1.0


@pytest.fixture
def large(strict: Server, redis_url: str) -> bytes:
    """A request whose answer has a megabyte."""
    strict.client.post("/jobs", json=BODY)
    worker = StubWorker(redis_url)
    job = worker.take()
    worker.end(job, Outcome(sandbox=SandboxKind.NSJAIL, result={}, stdout="x" * 1_000_000))
    worker.close()
    return b"GET /jobs/%s HTTP/1.1\r\nHost: x\r\n\r\n" % job.id.encode()


@pytest.mark.parametrize("bytes_at_once", [0, 1, 4096])
def test_slow_readers_do_not_delay_others(strict: Server, large: bytes, bytes_at_once: int) -> None:
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", strict.port))) for _ in range(20)
        ]
        for connection in connections:
            # Many requests, because the kernel buffers some megabytes of the answers for the client.
            connection.sendall(16 * large)
        began = time.monotonic()
        for _ in range(20):
            for connection in connections:
                assert not bytes_at_once or connection.recv(bytes_at_once)
            assert strict.client.get("/health/live").status_code == 200
        assert time.monotonic() - began < 4.0
    assert "Traceback" not in strict.log


def test_answers_are_complete_when_they_are_read_slowly(strict: Server, large: bytes) -> None:
    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as connection:
        connection.sendall(16 * large + _WHOLE)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 200 OK") == 16
    assert answer.count(b"x" * 1_000_000) == 16
    assert b"HTTP/1.1 400" in answer


def test_client_receives_100_continue_when_it_asks_for_it(strict: Server) -> None:
    head, _, body = _WHOLE.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", strict.port), timeout=10) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert b"".join(iter(lambda: connection.recv(65536), b"")).startswith(b"HTTP/1.1 400")
