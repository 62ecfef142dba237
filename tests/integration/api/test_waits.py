"""Requests that wait: how many may, what they hold, and what ends them."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import httpx
import psutil
import pytest

from config.credentials import new_key
from tests.support.gunicorn import Server, count_awaited_jobs, serving
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, StubWorker, working

BODY: Final = {"script": "def main():\n    return {}"}


def _request(method: str, path: str, *, key: str = "", body: Any = None, version: str = "1.1") -> bytes:
    sent = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n"
    if key:
        head += f"Authorization: Bearer {key}\r\n"
    if sent:
        head += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
    return head.encode() + b"\r\n" + sent


class Clients:
    """Connections that stay open until the end of the test."""

    def __init__(self, server: Server, stack: ExitStack) -> None:
        self._server, self._stack = server, stack

    def send(self, request: bytes) -> socket.socket:
        connection = self._stack.enter_context(
            socket.create_connection(("127.0.0.1", self._server.port), timeout=30)
        )
        connection.sendall(request)
        return connection


def _answer(connection: socket.socket) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Read the whole answer; return its status, headers and JSON."""
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), json.loads(body)


@contextmanager
def _with_keys(redis_url: str, **settings: str) -> Iterator[tuple[Server, str, str]]:
    (shop, shop_entry), (school, school_entry) = new_key("shop"), new_key("school")
    entries = f"{shop_entry},{school_entry}"
    with serving(redis_url, API_KEYS=entries, EXECUTE_WAIT="60", **settings) as server:
        yield server, shop, school


Waiting = Callable[[str], bytes]


def _look_up(server: Server, key: str) -> Waiting:
    headers = {"Authorization": f"Bearer {key}"}
    job_id = server.client.post("/jobs", json=BODY, headers=headers).json()["id"]
    return lambda key: _request("GET", f"/jobs/{job_id}?wait=60", key=key)


def _execute(_server: Server, _key: str) -> Waiting:
    return lambda key: _request("POST", "/execute", key=key, body=BODY)


@pytest.mark.parametrize("waiting", [_look_up, _execute])
def test_wait_is_refused_when_its_key_has_too_many(
    redis_url: str, waiting: Callable[[Server, str], Waiting]
) -> None:
    with _with_keys(redis_url, KEY_WAITING_MAX="3") as (server, shop, school), ExitStack() as stack:
        clients = Clients(server, stack)
        request = waiting(server, shop)

        def jobs() -> int:
            headers = {"Authorization": f"Bearer {shop}"}
            answer = httpx.get(f"http://127.0.0.1:{server.port}/jobs", headers=headers)
            return len(answer.json()["jobs"])

        for _ in range(3):
            clients.send(request(shop))
        queued = 1 if waiting is _look_up else 3
        eventually(lambda: jobs() == queued, within=10, what="the jobs are queued")
        for refused in (request(shop), _request("POST", "/execute", key=shop, body=BODY)):
            status, headers, found = _answer(clients.send(refused))
            assert (status, found["error"]["type"]) == (429, "too_many_waits")
            assert int(headers["Retry-After"]) >= 1
        assert jobs() == queued
        # Another key waits all the same.
        with working(redis_url, SUCCESS):
            assert _answer(clients.send(_request("POST", "/execute", key=school, body=BODY)))[0] == 200


def test_other_requests_are_answered_when_as_many_requests_wait_as_may(redis_url: str) -> None:
    with serving(redis_url, API_CONNECTIONS="40", EXECUTE_WAIT="60") as server, ExitStack() as stack:
        clients = Clients(server, stack)
        job_id = server.client.post("/jobs", json=BODY).json()["id"]
        server.client.close()
        wait = _request("GET", f"/jobs/{job_id}?wait=60")
        waiting = [clients.send(wait) for _ in range(200)]
        slow = [clients.send(wait[:20]) for _ in range(200)]
        for path in ("/health/live", "/metrics", f"/jobs/{job_id}"):
            for _ in range(5):
                answer = httpx.get(f"http://127.0.0.1:{server.port}{path}", timeout=30)
                assert answer.status_code == 200
        with working(redis_url, SUCCESS):
            statuses = [_answer(connection)[0] for connection in waiting]
        assert statuses.count(200) == 30
        assert statuses.count(429) == 170
        assert len(slow) == 200


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("path", ["/execute", "/jobs/ID?wait=60"])
def test_client_gets_its_answer_when_it_has_closed_its_own_side(
    redis_url: str, path: str, version: str
) -> None:
    worker = StubWorker(redis_url)
    with serving(redis_url, EXECUTE_WAIT="60") as server, ExitStack() as stack:
        if path == "/execute":
            request = _request("POST", path, body=BODY, version=version)
        else:
            job_id = server.client.post("/jobs", json=BODY).json()["id"]
            request = _request("GET", path.replace("ID", job_id), version=version)
        connection = Clients(server, stack).send(request)
        connection.shutdown(socket.SHUT_WR)
        job = worker.take()
        if version == "1.1":
            # A wait looks for its client every one to two seconds, and then asks it with an interim answer.
            assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        worker.end(job)
        status, _, found = _answer(connection)
        assert (status, found["id"], found["status"]) == (200, job.id, "succeeded")
    worker.close()


def test_waiting_request_holds_no_body(redis_url: str) -> None:
    # A tenth of a megabyte that becomes 3 MB of lists.
    body: dict[str, Any] = {**BODY, "inputs": {"lists": [[]] * 33_000}}
    many = 40
    with serving(redis_url, EXECUTE_WAIT="60") as server, ExitStack() as stack:
        clients = Clients(server, stack)
        (process,) = psutil.Process(server.process.pid).children()

        def wait(requests: int) -> None:
            clients.send(_request("POST", "/execute", body=body))
            eventually(lambda: count_awaited_jobs(redis_url) == requests, within=20, what="the request waits")

        wait(1)
        before = process.memory_info().rss
        for number in range(many):
            wait(number + 2)
        assert process.memory_info().rss - before < many * 1_000_000
        with working(redis_url, SUCCESS):
            pass


def test_key_is_checked_before_the_body_is_sent(redis_url: str) -> None:
    with _with_keys(redis_url) as (server, shop, _), ExitStack() as stack:
        clients = Clients(server, stack)
        head = (
            b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nAuthorization: Bearer %s\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        key, json_type = shop.encode(), b"application/json"
        for sent, status in (
            (head % (b"/execute", json_type, b"wrong"), 401),
            (head % (b"/nowhere", json_type, key), 404),
            (head % (b"/metrics", json_type, key), 405),
            (head % (b"/jobs", b"text/plain", key), 415),
            ((head % (b"/jobs", json_type, key)).replace(b"chunked", b"gzip, chunked"), 501),
        ):
            found, headers, _ = _answer(clients.send(sent))
            assert (found, headers["Connection"]) == (status, "close")
