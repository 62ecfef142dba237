"""Requests that are expensive for the server, and requests that are malformed or ambiguous HTTP."""

import json
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Final

import psutil
import pytest

from jobs.limits import BODY_BYTES, REQUEST_BYTES
from tests.support.gunicorn import Server, serving
from tests.support.wait import eventually

POST: Final = b"POST /execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"
CLOSING: Final = CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
LIVE: Final = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def served(server_url: str) -> Iterator[Server]:
    with serving(server_url, "--keep-alive", "20") as server:
        yield server


def _answer(server: Server, sent: bytes) -> bytes:
    """Send bytes on a new connection, and return all bytes of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        # The server may refuse the request before it has received all bytes.
        with suppress(OSError):
            connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def _process(server: Server) -> psutil.Process:
    (process,) = psutil.Process(server.process.pid).children()
    return process


def _cpu(server: Server) -> float:
    times = _process(server).cpu_times()
    return times.user + times.system


def test_body_costs_little_when_its_chunks_have_one_byte(served: Server) -> None:
    def cost(chunks: int) -> float:
        before = _cpu(served)
        for _ in range(20):
            answer = _answer(served, CLOSING + b"1\r\nx\r\n" * chunks + b"0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 400")
        return _cpu(served) - before

    cost(1000)
    # The server refuses the body at the chunk after the 8,192nd.
    assert cost(160_000) < 2 * cost(16_000)


@pytest.mark.parametrize("bytes_at_once", [1, 2, 7, 1000])
def test_chunked_body_is_read_when_it_arrives_in_pieces_of_any_size(
    served: Server, bytes_at_once: int
) -> None:
    script = b'{"script": "def main():\\n    return {}",'
    body = b"%X;name=value\r\n%s\r\n006\r\n \r\n\r\n \r\n" % (len(script), script)
    body += b'0c\r\n"stdin": ""}\r\n00\r\nTrailer-Field: x\r\n\r\n'
    request = CLOSING.replace(b"/execute", b"/jobs") + body
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin in range(0, len(request), bytes_at_once):
            connection.sendall(request[begin : begin + bytes_at_once])
        assert connection.recv(65536).startswith(b"HTTP/1.1 202")


def test_trailers_are_refused_when_they_are_too_long(served: Server) -> None:
    before = _cpu(served)
    answer = _answer(served, CHUNKED + b"0\r\n" + b"a: b\r\n" * 1_400_000)
    assert answer.startswith(b"HTTP/1.1 431")
    assert _cpu(served) - before < 2.0


def test_chunked_body_is_refused_when_its_chunk_headers_are_too_long(served: Server) -> None:
    chunk = b"1;a=" + b"b" * 4000 + b"\r\nx\r\n"
    answer = _answer(served, CHUNKED + chunk * (15 * REQUEST_BYTES // len(chunk)))
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer


def test_large_bodies_are_refused_when_their_sum_is_too_large(server_url: str) -> None:
    # A server of its own: it holds 256 MB of half-sent bodies.
    half_sent = POST + b"Content-Length: %d\r\n\r\n" % REQUEST_BYTES + b" " * (REQUEST_BYTES - 1)
    with serving(server_url) as server, ExitStack() as stack:
        connections = []
        for _ in range(300):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            # The server refuses some requests before it has received all bytes.
            with suppress(OSError):
                connection.sendall(half_sent)
            connections.append(connection)
        answer = connections[-1].recv(65536)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 2\r\n" in answer
        assert b'"unavailable"' in answer
        assert b"of this key or of all" in answer
        assert server.client.get("/health/live").status_code == 200


def test_server_answers_others_when_slow_clients_hold_all_connections(server_url: str) -> None:
    with serving(server_url, API_CONNECTIONS="20") as server, ExitStack() as stack:
        slow = []
        for _ in range(40):
            slow.append(stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30)))
            # At once: the server closes a connection without a byte of a request, and sends no answer.
            slow[-1].sendall(LIVE[:10])
        for _ in range(5):
            assert server.client.get("/health/live").status_code == 200
        assert slow[0].recv(4096).startswith(b"HTTP/1.1 408")


def test_server_answers_others_when_waits_leave_their_bodies_unsent(server_url: str) -> None:
    with serving(server_url, API_CONNECTIONS="20") as server, ExitStack() as stack:
        script = {"script": "def main():\n    return {}"}
        job = server.client.post("/jobs", json=script).json()["id"]
        wait = f"GET /jobs/{job}?wait=10 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n".encode()
        for sent in [wait] * 5 + [LIVE[:10]] * 20:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            connection.sendall(sent)
        began = time.monotonic()
        assert server.client.get("/health/live").status_code == 200
        assert time.monotonic() - began < 5.0


def test_server_answers_others_when_a_client_pipelines_requests(served: Server) -> None:
    many = 3000
    with (
        socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection,
        ThreadPoolExecutor() as pool,
    ):
        sending = pool.submit(connection.sendall, LIVE * many)
        answered = connection.recv(100).count(b"HTTP/1.1 200")
        assert served.client.get("/health/live").status_code == 200
        connection.setblocking(False)
        answered += connection.recv(10_000_000).count(b"HTTP/1.1 200")
        assert answered < many
        connection.settimeout(30)
        while answered < many:
            answered += connection.recv(65536).count(b"HTTP/1.1 200")
        sending.result()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        (POST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
        (POST + b"Content-Length: -1\r\n\r\n{}", 400),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"-1\r\n{}\r\n", 400),
        (CHUNKED + b"2\r\n{}x\r\n0\r\n\r\n", 400),
        (CHUNKED + b"2\r\n{}\r\n0\r\nno colon\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\nHost: x\n\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (POST + b"Expect: something\r\nContent-Length: 2\r\n\r\n{}", 417),
    ],
)
def test_connection_is_closed_when_its_request_is_ambiguous(served: Server, sent: bytes, status: int) -> None:
    answer = _answer(served, sent + LIVE)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"Connection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1") == 1
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request"


def test_body_over_the_limit_is_refused_when_the_client_asks_before_sending_it(served: Server) -> None:
    head = POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (2 * BODY_BYTES)
    assert _answer(served, head).startswith(b"HTTP/1.1 413")


def test_client_is_answered_and_disconnected_when_it_uses_http_1_0(served: Server) -> None:
    assert _answer(served, b"GET /health/live HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200")


def test_head_is_answered_without_a_body(served: Server) -> None:
    answer = _answer(
        served, LIVE.replace(b"GET", b"HEAD").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    )
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.endswith(b"\r\n\r\n")


def test_small_answer_is_sent_in_one_packet(served: Server) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        for _ in range(3):
            connection.sendall(LIVE)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        # tcpi_data_segs_in of struct tcp_info: segments with data that the client has received.
        information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 160)
        assert struct.unpack_from("I", information, 152) == (3,)


def test_idle_connection_is_closed_without_an_answer(server_url: str) -> None:
    with serving(server_url, "--keep-alive", "1") as server:
        assert _answer(server, b"") == b""
        assert _answer(server, LIVE).count(b"HTTP/1.1") == 1


def test_server_answers_others_while_it_checks_a_large_script(served: Server) -> None:
    # Half a million characters take more than a tenth of a second to check.
    script = "def main():\n    return {}\n" + "x = 1\n" * 80_000
    with ThreadPoolExecutor() as pool:
        checking = pool.submit(served.client.post, "/jobs", json={"script": script})
        eventually(lambda: _process(served).children(), within=10, what="a child process checks the script")
        assert _answer(served, LIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")).startswith(
            b"HTTP/1.1 200"
        )
        assert not checking.done()
        assert checking.result().status_code == 202


def test_server_recovers_when_it_has_run_out_of_descriptors(server_url: str) -> None:
    with serving(server_url) as server:
        process = _process(server)
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 10, 10_000))
        with ExitStack() as stack:
            for _ in range(30):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            eventually(
                lambda: "Too many open files" in server.log,
                within=10,
                what="the server has no descriptor left",
            )
        assert server.client.get("/health/live").status_code == 200


@pytest.mark.parametrize("header", [b"SCRIPT_NAME: /x", b"SCRIPT-NAME: /x", b"PATH_INFO: /health/live"])
def test_header_does_not_change_the_path_of_a_request(served: Server, header: bytes) -> None:
    sent = b"GET /x/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n" % header
    assert b" 200 " not in _answer(served, sent).split(b"\r\n")[0]
