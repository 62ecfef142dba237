import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.client import Answer, Client, make_request

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LAST_ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def _serve(*connections: list[bytes]) -> Iterator[Client]:
    """Serve one connection after the other, each with its answers, and close it then."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answers in connections:
                connection, _ = server.accept()
                with connection:
                    for answer in answers:
                        connection.recv(65536)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        client = Client(f"http://127.0.0.1:{server.getsockname()[1]}")
        try:
            yield client
        finally:
            client.close()
            thread.join()


def test_client_keeps_its_connection() -> None:
    with _serve([ANSWER, ANSWER]) as client:
        assert [client.ask("GET", "/any").json() for _ in range(2)] == [{}, {}]


def test_client_connects_again_when_the_server_announces_the_close() -> None:
    with _serve([LAST_ANSWER], [ANSWER]) as client:
        assert [client.ask("GET", "/any").status for _ in range(2)] == [200, 200]


def test_client_raises_an_error_when_the_connection_ends_before_the_answer() -> None:
    with _serve([ANSWER[:-1]]) as client, pytest.raises(ConnectionError):
        client.ask("GET", "/any")


def test_answer_is_complete_when_its_last_byte_arrives() -> None:
    answer = Answer()
    assert [answer.add(bytes([byte])) for byte in ANSWER].index(True) == len(ANSWER) - 1
    assert (answer.status, answer.json(), answer.last) == (200, {}, False)


def test_request_has_content_type_and_length_when_it_has_a_body() -> None:
    head, _, body = make_request("POST", "/jobs", b"{}", {"Idempotency-Key": "a"}).partition(b"\r\n\r\n")
    assert body == b"{}"
    assert head.split(b"\r\n") == [
        b"POST /jobs HTTP/1.1",
        b"Host: localhost",
        b"Idempotency-Key: a",
        b"Content-Type: application/json",
        b"Content-Length: 2",
    ]
