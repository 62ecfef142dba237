"""Streams of events over HTTP: what they send, what they hold, and what ends them."""

import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import httpx
import psutil
import pytest
from httpx_sse import EventSource, ServerSentEvent, connect_sse

from config.credentials import new_key
from jobs.job import Job
from jobs.stream import Stream
from store.claims import Claimed
from store.job_store import JobStore
from store.progress import Chunk
from store.queue_class import Priority, QueueClass
from store.submission import Submission
from tests.support.gunicorn import Server, serving
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, StubWorker

BODY: Final = {"script": "def main():\n    return {}"}
EVENTS: Final = {"Accept": "text/event-stream"}
#: How many idle streams a test opens, and the most memory of each: 60 MB for 2,000.
IDLE: Final = 400
IDLE_BYTES: Final = 30_000


class Script:
    """A running script, whose output a test writes."""

    def __init__(self, url: str) -> None:
        self._worker, self._store = StubWorker(url), JobStore(url, notification="another message")
        self._job: Claimed
        self._run = 0
        self._sent = 0

    def submit(self) -> str:
        """Submit a job whose output is streamed, and return its id."""
        job = Submission(uuid4().hex, Job(BODY["script"], stream=True), QueueClass(Priority.NORMAL, False))
        [submitted] = self._store.submit([job])
        return submitted.id

    def start(self) -> None:
        """Start the next queued job."""
        self._job = self._worker.take()
        self.restart()

    def restart(self) -> None:
        """Start the job again, as after a failure of the sandbox."""
        run = self._store.begin_output(self._job.id, self._job.token)
        assert run
        self._run, self._sent = run, 0

    def print(self, text: str) -> None:
        """Write to standard output."""
        chunk = Chunk(Stream.STDOUT, self._sent, text)
        assert self._store.append_output(self._job.id, self._job.token, self._run, [chunk])
        self._sent += len(text.encode())

    def end(self, stdout: str) -> None:
        """End the job."""
        outcome = replace(SUCCESS, stdout=stdout)
        assert self._store.finish(self._job.id, self._job.token, outcome, run=self._run).counts

    def close(self) -> None:
        """Close the connections."""
        self._worker.close()
        self._store.close()


@pytest.fixture
def script(redis_url: str) -> Iterator[Script]:
    with closing(Script(redis_url)) as script:
        yield script


@pytest.fixture
def server(redis_url: str) -> Iterator[Server]:
    with serving(redis_url) as server:
        yield server


@contextmanager
def _following(client: httpx.Client, job_id: str, last: str = "", **headers: str) -> Iterator[EventSource]:
    if last:
        headers["Last-Event-ID"] = last
    with connect_sse(client, "GET", f"/jobs/{job_id}/events", headers=headers) as source:
        yield source


@contextmanager
def _executing(client: httpx.Client, body: Any = BODY, **headers: str) -> Iterator[EventSource]:
    with connect_sse(client, "POST", "/execute", json=body, headers=headers) as source:
        yield source


def _streams(server: Server) -> int:
    """Return the number of open streams, as the metrics tell it."""
    found = re.search(r"^python_executor_streams (.*)$", server.client.get("/metrics").text, re.MULTILINE)
    return int(float(found[1])) if found else 0


def _plain(event: ServerSentEvent) -> tuple[str, Any]:
    data = event.json()
    return event.event, data.get("text", data.get("status"))


def test_output_arrives_while_the_job_runs(server: Server, script: Script) -> None:
    with _executing(server.client) as source:
        assert source.response.status_code == 200
        headers = source.response.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-store", "no")
        events = source.iter_sse()
        assert _plain(next(events)) == ("status", "queued")
        script.start()
        assert _plain(next(events)) == ("status", "running")
        script.print("hé\n")
        event = next(events)
        assert (event.event, event.id, event.retry) == ("stdout", "1-4-0-running", None)
        assert event.json() == {"text": "hé\n", "offset": 0}
        script.print("ho\n")
        assert next(events).json() == {"text": "ho\n", "offset": 4}
        assert _streams(server) == 1
        script.end("hé\nho\nend\n")
        assert _plain(next(events)) == ("stdout", "end\n")
        done = next(events)
        assert (done.event, done.id) == ("done", "1-11-0-succeeded")
        assert done.json() == server.client.get(headers["Location"]).json()
        assert list(events) == []
    eventually(lambda: _streams(server) == 0, within=5, what="the stream is closed")
    assert re.search(r"event=request job=\w+ .*path=/execute status=200", server.log)


def test_client_goes_on_where_it_was_when_it_connects_again(server: Server, script: Script) -> None:
    job_id = script.submit()
    with _following(server.client, job_id) as source:
        events = source.iter_sse()
        script.start()
        script.print("one")
        while (event := next(events)).event != "stdout":
            pass
    script.print("two")
    with _following(server.client, job_id, event.id) as source:
        events = source.iter_sse()
        event = next(events)
        assert (event.id, event.json()) == ("1-6-0-running", {"text": "two", "offset": 3})
    script.end("onetwothree")
    with _following(server.client, job_id, event.id) as source:
        found = list(source.iter_sse())
    assert [_plain(event) for event in found] == [("stdout", "three"), ("done", "succeeded")]
    with _following(server.client, job_id) as source:
        assert [_plain(event) for event in source.iter_sse()] == [
            ("stdout", "onetwothree"),
            ("done", "succeeded"),
        ]
    with _following(server.client, job_id, found[-1].id) as source:
        assert source.response.status_code == 204
        assert "Content-Type" not in source.response.headers


def test_client_is_told_that_its_output_is_void_when_the_job_runs_again(
    server: Server, script: Script
) -> None:
    with _executing(server.client) as source:
        events = source.iter_sse()
        script.start()
        script.print("void")
        while next(events).event != "stdout":
            pass
        script.restart()
        script.print("new")
        assert [_plain(next(events)) for _ in range(2)] == [("restarted", None), ("stdout", "new")]
        script.end("new")
        assert _plain(next(events)) == ("done", "succeeded")


def test_stream_ends_with_done_when_its_job_is_cancelled(server: Server, script: Script) -> None:
    with _executing(server.client) as source:
        events = source.iter_sse()
        next(events)
        server.client.delete(source.response.headers["Location"])
        assert [_plain(event) for event in events] == [("done", "cancelled")]


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("*/*", False),
        ("application/json", False),
        ("text/html", False),
        ("text/*", True),
        ("text/event-stream", True),
        ("Text/Event-Stream", True),
        ("text/event-stream, application/json;q=0.9", True),
        ("text/event-stream;q=0.5, application/json", False),
        ("application/json, text/event-stream", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream, */*;q=0.1", True),
    ],
)
def test_execute_answers_with_events_only_to_a_client_that_prefers_them(
    impatient: Server, accept: str, streams: bool
) -> None:
    headers = {"Accept": accept, "Content-Type": "application/json"}
    with impatient.client.stream("POST", "/execute", json=BODY, headers=headers) as answer:
        assert (answer.headers["Content-Type"] == "text/event-stream") == streams
        assert answer.status_code == (200 if streams else 202)


@pytest.fixture(scope="module")
def impatient(server_url: str) -> Iterator[Server]:
    """A server that does not wait for jobs."""
    with serving(server_url, EXECUTE_WAIT="0.01") as server:
        yield server


@pytest.mark.parametrize("last", ["x", "1-2-3", "1-2-3-ended", "1-2-3-running-", "-"])
def test_bad_id_is_refused_in_json(impatient: Server, last: str) -> None:
    job_id = impatient.client.post("/jobs", json=BODY).json()["id"]
    headers = {**EVENTS, "Last-Event-ID": last}
    for answer in (
        impatient.client.get(f"/jobs/{job_id}/events", headers=headers),
        impatient.client.post("/execute", json=BODY, headers=headers),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"] == {
            "type": "invalid_request",
            "message": "Last-Event-ID: must be the id of an event",
            "field": "Last-Event-ID",
        }


def test_stream_begins_at_the_beginning_when_the_id_is_empty(server: Server, script: Script) -> None:
    job_id = script.submit()
    script.start()
    script.end("all")
    with connect_sse(server.client, "GET", f"/jobs/{job_id}/events", headers={"Last-Event-ID": ""}) as source:
        assert [_plain(event) for event in source.iter_sse()] == [("stdout", "all"), ("done", "succeeded")]


def test_error_before_the_stream_is_json(impatient: Server) -> None:
    client = impatient.client
    open_before = _streams(impatient)
    assert client.get("/jobs/nothing/events").json()["error"]["type"] == "not_found"
    assert client.get("/jobs/nothing/events?x=1").json()["error"]["type"] == "invalid_request"
    refused = client.post("/execute", json={"script": "("}, headers=EVENTS)
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "syntax_error")
    assert _streams(impatient) <= open_before


def test_stream_is_refused_when_too_many_are_open(redis_url: str) -> None:
    with serving(redis_url, KEY_STREAMS_MAX="3") as server, ExitStack() as stack:
        job_id = server.client.post("/jobs", json=BODY).json()["id"]
        for _ in range(3):
            source = stack.enter_context(_following(server.client, job_id))
            next(source.iter_sse())
        for refused in (
            server.client.get(f"/jobs/{job_id}/events"),
            server.client.post("/execute", json=BODY, headers=EVENTS),
        ):
            assert (refused.status_code, refused.json()["error"]["type"]) == (429, "too_many_waits")
            assert int(refused.headers["Retry-After"]) >= 1
        assert server.client.get(f"/jobs/{job_id}?wait=0.1").status_code == 200


def test_head_request_holds_no_stream(impatient: Server) -> None:
    job_id = impatient.client.post("/jobs", json=BODY).json()["id"]
    open_before = _streams(impatient)
    assert impatient.client.head(f"/jobs/{job_id}/events").status_code == 200
    assert _streams(impatient) <= open_before


def test_execute_does_not_run_the_script_again_when_its_client_connects_again(
    server: Server, script: Script
) -> None:
    with _executing(server.client, **{"Idempotency-Key": "order"}) as source:
        first = next(source.iter_sse())
    script.start()
    script.print("hi")
    script.end("hi")
    again = {"Last-Event-ID": first.id, "Idempotency-Key": "order"}
    with _executing(server.client, **again) as source:
        found = list(source.iter_sse())
    assert [_plain(event) for event in found] == [("stdout", "hi"), ("done", "succeeded")]
    assert found[-1].json()["id"] == first.json()["id"]
    with _executing(server.client, **again | {"Last-Event-ID": found[-1].id}) as source:
        assert source.response.status_code == 204
    refused = server.client.post("/execute", json=BODY, headers={**EVENTS, "Last-Event-ID": first.id})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "Last-Event-ID")
    assert len(server.client.get("/jobs").json()["jobs"]) == 1


def test_job_of_another_key_has_no_events(redis_url: str) -> None:
    (shop, shop_entry), (school, school_entry) = new_key("shop"), new_key("school")
    with serving(redis_url, API_KEYS=f"{shop_entry},{school_entry}") as server:
        mine, other = ({"Authorization": f"Bearer {key}"} for key in (shop, school))
        job_id = server.client.post("/jobs", json=BODY, headers=mine).json()["id"]
        path = f"/jobs/{job_id}/events"
        assert server.client.get(path).status_code == 401
        assert server.client.get(path, headers=other).status_code == 404
        with _following(server.client, job_id, **mine) as source:
            assert _plain(next(source.iter_sse())) == ("status", "queued")


def test_old_client_gets_events_until_the_connection_closes(server: Server, script: Script) -> None:
    job_id = script.submit()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"GET /jobs/{job_id}/events HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        script.start()
        script.end("hi")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"Transfer-Encoding" not in answer
    assert answer.partition(b"\r\n\r\n")[2].startswith(b"retry: 1000\nevent: ")
    assert b"\nevent: done\n" in answer


def test_place_is_free_again_when_the_client_has_left(server: Server) -> None:
    job_id = server.client.post("/jobs", json=BODY).json()["id"]
    with _following(server.client, job_id) as source:
        next(source.iter_sse())
        assert _streams(server) == 1
    eventually(lambda: _streams(server) == 0, within=8, what="the stream has ended")


def test_client_gets_events_when_it_has_closed_its_own_side(server: Server, script: Script) -> None:
    request = f"GET /jobs/{script.submit()}/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request.encode())
        assert b"event: status" in connection.recv(65536)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(6) == b"2\r\n:\n\r\n"[:6]
        script.start()
        script.end("hi")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"\nevent: done\n" in answer
    assert answer.endswith(b"\r\n0\r\n\r\n")


def test_process_that_stops_ends_its_streams_so_that_clients_go_on_elsewhere(
    redis_url: str, script: Script
) -> None:
    job_id = script.submit()
    with serving(redis_url) as server, _following(server.client, job_id) as source:
        events = source.iter_sse()
        first = next(events)
        server.process.send_signal(signal.SIGTERM)
        # The answer ends as it should, and the process soon after.
        assert list(events) == []
        assert server.process.wait(10) == 0
    with serving(redis_url) as server, _following(server.client, job_id, first.id) as source:
        script.start()
        script.end("hi")
        names = [event.event for event in source.iter_sse()]
    assert names[-2:] == ["stdout", "done"]


def test_streams_of_a_killed_process_are_not_counted(server: Server, script: Script) -> None:
    job_id = script.submit()
    [process] = psutil.Process(server.process.pid).children()
    with _following(server.client, job_id) as source:
        events = source.iter_sse()
        first = next(events)
        assert _streams(server) == 1
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(httpx.RemoteProtocolError):
            next(events)
    script.start()
    script.print("hi")
    eventually(lambda: _answers(server), within=20, what="another process serves")
    assert _streams(server) == 0
    with _following(server.client, job_id, first.id) as source:
        assert [_plain(next(events)) for events in [source.iter_sse()] for _ in range(2)] == [
            ("status", "running"),
            ("stdout", "hi"),
        ]


def _answers(server: Server) -> bool:
    try:
        return server.client.get("/health/live").is_success
    except httpx.TransportError:
        return False


def test_idle_stream_holds_little_memory(redis_url: str) -> None:
    # A tenth of a megabyte that becomes 3 MB of lists.
    body = json.dumps({**BODY, "inputs": {"lists": [[]] * 33_000}}).encode()
    with serving(redis_url) as server, ExitStack() as stack:
        (process,) = psutil.Process(server.process.pid).children()
        job_id = server.client.post("/jobs", json=BODY).json()["id"]
        get = f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        post = (
            "POST /execute HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body

        def stream(request: bytes) -> None:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")

        for request, many in ((post, 20), (get, IDLE)):
            stream(request)
            before = process.memory_info().rss
            for _ in range(many):
                stream(request)
            assert process.memory_info().rss - before < IDLE * IDLE_BYTES
