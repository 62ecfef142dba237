"""Faults of the network, of proxies and of hostile servers, through real sockets."""

import gzip
import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from python_executor import Client, JobNotFinished, NotFound, ServiceFault, StatusChanged
from python_executor.transport import LARGEST
from tests.integration.client.conftest import OpenClient
from tests.support.client_steps import job
from tests.support.faulty_server import (
    Behaviour,
    FaultyServer,
    closes,
    drips,
    floods,
    head,
    is_silent,
    raw,
    resets,
    says,
)
from tests.support.wait import eventually

#: Seconds within which a call must end in these tests.
SHORT = 0.25

DONE = says(200, job("succeeded", stdout="1\n"))
QUEUED = says(202, job("queued"))
STREAM = head(200, "Content-Type: text/event-stream", "Transfer-Encoding: chunked")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _event(name: str, event_id: str, data: Any) -> bytes:
    return _chunk(f"id: {event_id}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode())


STATUS = _event("status", "0-0-0-running", {"id": "a", "status": "running"})
END = _event("done", "1-2-0-succeeded", job("succeeded", stdout="1\n")) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "behaviour",
    [
        is_silent,
        drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drips(head(200, "Content-Length: 100000"), b" "),
        drips(head(200, "Transfer-Encoding: chunked"), _chunk(b" ")),
        drips(head(200), b" "),
        drips(head(503, "Content-Length: 100000"), b" "),
    ],
    ids=["silence", "headers", "continue", "body", "chunks", "endless", "error"],
)
def test_call_ends_when_the_server_never_ends_its_answer(
    server: FaultyServer, connect: OpenClient, behaviour: Behaviour
) -> None:
    server.answer(behaviour)
    client = connect(server.url, timeout=SHORT)
    with pytest.raises(ServiceFault, match=r"in time|timed out"):
        client.get("a")
    assert not client.health().ready


def test_call_ends_when_the_server_does_not_read(connect: OpenClient) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listener:
        client = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=SHORT)
        with pytest.raises(ServiceFault):
            client.submit("", files={"big": b"x" * 8_000_000})


def test_call_ends_when_the_server_takes_a_body_in_small_parts(connect: OpenClient) -> None:
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def take() -> None:
            connection, _ = listener.accept()
            with connection:
                while not stopped.wait(0.01):
                    connection.recv(1000)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            client = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=SHORT)
            with pytest.raises(ServiceFault):
                client.submit("", files={"big": b"x" * 8_000_000})
        finally:
            stopped.set()
            thread.join()


def test_call_ends_when_no_server_listens(connect: OpenClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ServiceFault, match="does not answer"):
        connect(f"http://127.0.0.1:{port}", timeout=SHORT).get("a")


def test_call_ends_when_the_host_has_no_address(connect: OpenClient) -> None:
    # The resolver may still look for the name when the time is over.
    with pytest.raises(ServiceFault, match=r"does not answer|did not end in time"):
        connect("http://nothing.invalid", timeout=SHORT).get("a")


@pytest.mark.parametrize(
    "fault",
    [
        closes,
        resets,
        raw(b"HTTP/1.1 200 OK\r\nContent-Le", keep=False),
        raw(head(200, "Content-Length: 1000") + b'{"id"', keep=False),
        raw(head(200, "Transfer-Encoding: chunked") + b"5\r\n{", keep=False),
        says(503, b"<html>", "Retry-After: 0", kind="text/html"),
        says(502, b"<html>", kind="text/html"),
        says(500, {"error": {"type": "internal_error", "message": "no"}}),
        says(408, {"error": {"type": "request_timeout", "message": "no"}}),
        says(429, {"error": {"type": "queue_full", "message": "no"}}, "Retry-After: 0"),
    ],
    ids="closes resets head body chunk 503 502 500 408 429".split(),
)
def test_call_is_repeated_with_its_key_after_a_fault(
    server: FaultyServer, connect: OpenClient, fault: Behaviour
) -> None:
    server.answer(fault, DONE)
    assert connect(server.url).run("print(1)").stdout == "1\n"
    first, second = server.received
    assert first.line == second.line == "POST /execute"
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


def test_call_is_repeated_on_a_new_connection_when_an_idle_one_was_closed(
    server: FaultyServer, connect: OpenClient
) -> None:
    client = connect(server.url)
    server.answer(DONE, closes, DONE)
    for _ in range(2):
        assert client.get("a").succeeded
    assert (server.connections, len(server.received)) == (2, 3)


@pytest.mark.parametrize("retry_after", ["86400", "9" * 300, "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_call_gives_up_at_once_when_it_should_wait_for_too_long(
    server: FaultyServer, connect: OpenClient, retry_after: str
) -> None:
    error = {"error": {"type": "storage_full", "message": "the key has too many bytes"}}
    server.answer(says(429, error, f"Retry-After: {retry_after}"))
    with pytest.raises(ServiceFault, match="too many bytes") as raised:
        connect(server.url).submit("print(1)")
    assert (raised.value.status, raised.value.type) == (429, "storage_full")
    assert len(server.received) == 1


def test_redirect_is_not_followed(server: FaultyServer, connect: OpenClient) -> None:
    server.answer(says(307, b"", f"Location: {server.url}/elsewhere"))
    with pytest.raises(ServiceFault, match="redirects to"):
        connect(server.url, "secret").run("print(1)")
    [request] = server.received
    assert request.headers["authorization"] == "Bearer secret"


def test_nothing_of_an_answer_is_sent_with_the_next_request(
    server: FaultyServer, connect: OpenClient
) -> None:
    server.answer(says(200, job(), "Set-Cookie: a=b; Path=/"), DONE)
    client = connect(server.url)
    client.get("a")
    client.get("a")
    assert "cookie" not in server.received[1].headers


def test_certificate_that_is_trusted_is_accepted(
    secure_server: FaultyServer, certificate: Path, connect: OpenClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    client = connect(secure_server.url, timeout=5)
    secure_server.answer(DONE)
    assert client.get("a").succeeded
    secure_server.answer(drips(head(200), b" "))
    client = connect(secure_server.url, timeout=SHORT)
    with pytest.raises(ServiceFault, match=r"in time|timed out"):
        client.get("a")


def test_certificate_that_is_not_trusted_is_not_tried_again(
    secure_server: FaultyServer, connect: OpenClient
) -> None:
    secure_server.answer(DONE)
    with pytest.raises(ServiceFault, match="certificate"):
        connect(secure_server.url, "secret").get("a")
    assert not secure_server.received
    assert secure_server.connections == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        floods(head(200, "Transfer-Encoding: chunked"), _chunk(b" " * 2**20)),
        says(200, gzip.compress(bytes(LARGEST + 1), 1), "Content-Encoding: gzip"),
    ],
    ids=["flood", "bomb"],
)
def test_answer_is_given_up_when_it_is_too_large(
    server: FaultyServer, connect: OpenClient, behaviour: Behaviour
) -> None:
    server.answer(behaviour)
    with pytest.raises(ServiceFault, match="more than"):
        connect(server.url).get("a")
    assert len(server.received) == 1


def test_path_of_the_url_comes_before_that_of_the_call(server: FaultyServer, connect: OpenClient) -> None:
    server.answer(DONE)
    connect(f"{server.url}/a/b/").get("x/../y")
    assert server.received[0].line == "GET /a/b/jobs/x%2F..%2Fy"


def test_job_is_named_when_its_end_does_not_come(server: FaultyServer, connect: OpenClient) -> None:
    server.answer(QUEUED, is_silent)
    with pytest.raises(JobNotFinished) as raised:
        connect(server.url, timeout=SHORT).run("print(1)", wait=0.1)
    assert raised.value.job_id == "a"


def test_artifact_is_refused_when_its_sha256_differs(server: FaultyServer, connect: OpenClient) -> None:
    info = {"path": "a", "media_type": "x", "size": 1, "sha256": "0" * 64}
    server.answer(says(200, job("succeeded", artifacts=[info])), says(200, b"evil"))
    client = connect(server.url)
    [artifact] = client.get("a").artifacts
    with pytest.raises(ServiceFault, match="SHA-256"):
        client.resolve(artifact.bytes())


def test_list_ends_when_its_pages_do_not(server: FaultyServer, connect: OpenClient) -> None:
    server.answer(says(200, {"jobs": [], "next": "1"}))
    with pytest.raises(ServiceFault, match="do not end"):
        list(connect(server.url).list())


@pytest.mark.parametrize(
    "behaviour",
    [
        drips(STREAM, _chunk(b": comment\n\n")),
        drips(STREAM, _chunk(b":")),
        drips(STREAM + STATUS, _chunk(b": comment\n\n")),
        drips(STREAM + STATUS, _event("news", "1", {})),
        is_silent,
    ],
    ids=["comments", "half a line", "no end", "unknown events", "silence"],
)
def test_stream_ends_when_the_server_never_ends_it(
    server: FaultyServer, connect: OpenClient, behaviour: Behaviour
) -> None:
    server.answer(behaviour)
    with pytest.raises((ServiceFault, JobNotFinished)):
        list(connect(server.url, timeout=SHORT).stream("print(1)", wait=SHORT))
    with pytest.raises(JobNotFinished):
        list(connect(server.url, timeout=SHORT).follow("a", wait=SHORT))


@pytest.mark.parametrize("ends", [0, 1, len(STATUS) // 2, len(STATUS), len(STATUS) + len(END) // 2])
def test_stream_goes_on_where_its_connection_broke(
    server: FaultyServer, connect: OpenClient, ends: int
) -> None:
    output = _event("stdout", "1-2-0-running", {"text": "1\n", "offset": 0})
    rest = (STATUS if ends < len(STATUS) else b"") + output
    server.answer(
        raw(STREAM + (STATUS + END)[:ends], keep=False), raw(STREAM + rest, keep=False), raw(STREAM + END)
    )
    *_, done = connect(server.url).stream("print(1)")
    assert done.execution.stdout == "1\n"
    first, *_, last = server.received
    assert first.line == "POST /execute"
    assert last.line == "GET /jobs/a/events"
    assert last.headers["last-event-id"] == "1-2-0-running"
    keys = {request.headers["idempotency-key"] for request in server.received if request.body}
    assert len(keys) == 1


def test_stream_raises_when_the_job_has_expired(server: FaultyServer, connect: OpenClient) -> None:
    gone = says(404, {"error": {"type": "not_found", "message": "no job"}})
    server.answer(raw(STREAM + STATUS, keep=False), gone)
    with pytest.raises(NotFound):
        list(connect(server.url).stream("print(1)"))


@pytest.mark.parametrize(
    "behaviour",
    [
        says(200, b"<html>", kind="text/html"),
        says(200, job("succeeded")),
        says(204, b""),
        raw(STREAM + _event("status", "0", {"id": 1})),
        raw(STREAM + _event("stdout", "\u20ac", {"text": "", "offset": 0})),
    ],
    ids=["page", "job", "nothing", "other form", "id"],
)
def test_stream_raises_when_the_answer_has_no_events(
    server: FaultyServer, connect: OpenClient, behaviour: Behaviour
) -> None:
    server.answer(behaviour)
    with pytest.raises(ServiceFault):
        list(connect(server.url, timeout=SHORT).stream("print(1)"))


def test_stream_closes_its_connection_when_the_caller_stops(
    server: FaultyServer, connect: OpenClient
) -> None:
    server.answer(drips(STREAM + STATUS, _chunk(b": comment\n\n")))
    events = connect(server.url).stream("print(1)")
    assert isinstance(next(events), StatusChanged)
    events.close()
    eventually(lambda: server.ended == 1, within=10, what="the connection is closed")


def test_call_in_progress_ends_when_the_client_is_closed(server: FaultyServer, connect: OpenClient) -> None:
    server.answer(is_silent)
    client = connect(server.url)
    raised: list[BaseException] = []

    def call() -> None:
        try:
            client.run("print(1)")
        except (RuntimeError, ServiceFault) as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    eventually(lambda: server.received, within=10, what="the request has arrived")
    client.close()
    thread.join(30)
    assert raised
    with pytest.raises(RuntimeError, match="closed"):
        client.get("a")


@pytest.mark.parametrize("proxied", ["http", "https"])
def test_proxy_of_the_environment_is_used(
    server: FaultyServer, connect: OpenClient, monkeypatch: pytest.MonkeyPatch, proxied: str
) -> None:
    monkeypatch.setenv(f"{proxied}_proxy", server.url.replace("http://", "http://user:secret@"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.answer(DONE if proxied == "http" else says(403, b""))
    client = connect(f"{proxied}://executor.example", timeout=SHORT)
    if proxied == "http":
        assert client.get("a").succeeded
        assert server.received[0].line == "GET http://executor.example/jobs/a"
    else:
        with pytest.raises(ServiceFault):
            client.get("a")
        assert server.received[0].line == "CONNECT executor.example:443"
    assert server.received[0].headers["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ="


def test_forked_process_has_connections_of_its_own(server: FaultyServer) -> None:
    server.answer(DONE)
    with Client(server.url) as client:
        client.get("a")
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if client.get("a").succeeded else 1
                client.close()
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert client.get("a").succeeded
    assert (server.connections, len(server.received)) == (2, 3)


def test_threads_share_a_client(server: FaultyServer) -> None:
    server.answer(DONE)
    results: list[bool] = []
    with Client(server.url) as client:

        def call() -> None:
            results.extend(client.get("a").succeeded for _ in range(20))

        _run_threads(call, 8)
    assert results == [True] * 160
    assert server.connections <= 8


def _run_threads(function: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=function) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
