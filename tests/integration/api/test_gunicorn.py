"""The API served by gunicorn: behaviour that only a real server and real sockets show."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Final

import httpx
import psutil
import pytest

from api.refusal import MESSAGES
from config.credentials import new_key
from jobs.limits import BODY_BYTES, REQUEST_BYTES
from tests.support.checkout import ROOT
from tests.support.gunicorn import Server, count_awaited_jobs, serving
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, StubWorker, working

BODY: Final = {"script": "def main():\n    return {}"}


@pytest.fixture(scope="module")
def served(server_url: str) -> Iterator[Server]:
    with serving(server_url, API_PROCESSES="2") as server:
        yield server


def test_each_process_wakes_its_own_waiters(served: Server, redis_url: str) -> None:
    def execute(_: int) -> float:
        began = time.monotonic()
        assert httpx.post(f"http://127.0.0.1:{served.port}/execute", json=BODY).status_code == 200
        return time.monotonic() - began

    with working(redis_url, SUCCESS), ThreadPoolExecutor(8) as pool:
        took = sorted(pool.map(execute, range(64)))
    # A request that misses its wake-up takes two seconds. On a busy machine up to one in ten may miss it.
    assert took[57] < 1.9


def test_small_answers_are_sent_without_delay(served: Server) -> None:
    began = time.monotonic()
    for _ in range(50):
        served.client.post("/execute", content=b"{}", headers={"Content-Type": "application/json"})
    assert time.monotonic() - began < 50 * 0.03


@pytest.mark.parametrize("path", ["/execute", "/jobs"])
def test_chunked_body_is_refused_when_it_exceeds_the_limit(served: Server, path: str) -> None:
    # The first chunk alone is a valid body within the limit.
    chunks = iter([json.dumps(BODY).encode(), b" " * REQUEST_BYTES])
    response = served.client.post(path, content=chunks, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.json()["error"]["type"] == "too_large"


def test_body_is_refused_when_its_announced_length_exceeds_the_limit(served: Server) -> None:
    response = served.client.post(
        "/execute", content=b" " * (BODY_BYTES + 1), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status"),
    [
        ("/execute", b" " * (BODY_BYTES + 1), "application/json", 413),
        ("/execute", b"x" * 100_000, "text/plain", 415),
        ("/nowhere", b"x" * 100_000, "application/json", 404),
        ("/health/live", b"x" * 100_000, "application/json", 405),
    ],
)
def test_answer_announces_the_close_when_the_body_is_not_read(
    served: Server, path: str, body: bytes, content_type: str, status: int
) -> None:
    for _ in range(3):
        refused = served.client.post(path, content=body, headers={"Content-Type": content_type})
        assert refused.status_code == status
        assert refused.headers["Connection"] == "close"


def test_connection_is_kept_when_the_body_is_read_and_refused(served: Server) -> None:
    for _ in range(3):
        refused = served.client.post("/execute", json={"script": "x" * 100_000})
        assert refused.status_code == 400
        assert refused.headers["Connection"] == "keep-alive"


def test_chunked_body_is_read(served: Server) -> None:
    response = served.client.post(
        "/jobs", content=iter([json.dumps(BODY).encode()]), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 202


_HEAD: Final = b"Host: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\n" + _HEAD + b"\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + _HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + _HEAD + b"no colon\r\n\r\n", 400),
        *(
            (
                b"POST /jobs HTTP/1.1\r\n"
                + _HEAD
                + b"Transfer-Encoding: %s\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % coding,
                501,
            )
            for coding in (
                b"unknown",
                b"gzip, chunked",
                b"identity, chunked",
                b"gzip\r\nTransfer-Encoding: chunked",
            )
        ),
        (
            b"POST /jobs HTTP/1.1\r\n" + _HEAD + b"Content-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
            400,
        ),
    ],
)
def test_malformed_http_is_answered_in_json(served: Server, sent: bytes, status: int) -> None:
    line, found = served.exchange(sent)
    assert line.split()[1] == str(status)
    assert found["error"] == {"type": "invalid_request", "message": MESSAGES[HTTPStatus(status)]}


_EXECUTE: Final = b"POST /execute HTTP/1.1\r\n" + _HEAD + b"Content-Type: application/json\r\n"


def test_server_answers_half_sent_requests_when_it_stops(redis_url: str) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with serving(redis_url) as server, ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            for _ in range(5)
        ]
        for connection in connections:
            connection.sendall(request[:10])
        # The server accepts connections in order: after this answer it has accepted all of them.
        assert httpx.get(f"http://127.0.0.1:{server.port}/health/live").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        for connection in connections:
            connection.sendall(request[10:])
            answer = b"".join(iter(partial(connection.recv, 65536), b""))
            assert answer.startswith(b"HTTP/1.1 200")
        assert server.process.wait(20) == 0


def test_server_closes_idle_connections_when_it_stops(redis_url: str) -> None:
    with serving(redis_url) as server, socket.create_connection(("127.0.0.1", server.port)) as connection:
        assert server.client.get("/health/live").status_code == 200
        server.process.send_signal(signal.SIGTERM)
        connection.settimeout(20)
        assert connection.recv(1) == b""
        # Less than the 30 seconds for which a server that is not stopping keeps an idle connection.
        assert server.process.wait(20) == 0


def test_server_answers_waiting_requests_when_it_stops(redis_url: str) -> None:
    worker = StubWorker(redis_url)
    with serving(redis_url) as server, ThreadPoolExecutor() as pool:
        waiting = pool.submit(server.client.post, "/execute", json=BODY)
        job = worker.take()
        server.process.send_signal(signal.SIGTERM)
        worker.end(job)
        assert waiting.result(10).status_code == 200
        assert server.process.wait(10) == 0
    worker.close()


@pytest.mark.parametrize("path", ["/execute", "/jobs/ID?wait=60"])
def test_wait_ends_when_the_client_has_left(redis_url: str, path: str) -> None:
    with serving(redis_url, EXECUTE_WAIT="60") as server:
        job_id = server.client.post("/jobs", json=BODY).json()["id"]
        body = json.dumps(BODY).encode()
        execute = _EXECUTE + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        look_up = b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.replace("ID", job_id).encode()
        with ExitStack() as stack:
            for _ in range(5):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
                connection.sendall(execute if path == "/execute" else look_up)
            jobs = 5 if path == "/execute" else 1
            eventually(lambda: count_awaited_jobs(redis_url) == jobs, within=10, what="all requests wait")
            eventually(lambda: server.connections() == 5, within=10, what="all clients are connected")
        # A waiting request notices that its client has left when it reads the record again.
        eventually(lambda: not server.connections(), within=10, what="no request waits")


def test_jobs_belong_to_their_own_keys_when_requests_run_at_once(redis_url: str, tmp_path: Path) -> None:
    names = ("shop", "school")
    made = [new_key(name) for name in names]
    keys = tmp_path / "keys"
    keys.write_text("\n".join(entry for _, entry in made))
    with (
        serving(redis_url, API_KEYS_FILE=str(keys), EXECUTE_WAIT="1") as server,
        ThreadPoolExecutor(40) as pool,
    ):
        url = f"http://127.0.0.1:{server.port}"

        def execute(number: int) -> str:
            headers = {"Authorization": f"Bearer {made[number % 2][0]}"}
            answer = httpx.post(f"{url}/execute", json=BODY, headers=headers, timeout=20)
            assert answer.status_code == 202
            job_id: str = answer.json()["id"]
            return job_id

        ids = list(pool.map(execute, range(40)))
        for number, name in enumerate(names):
            headers = {"Authorization": f"Bearer {made[number][0]}"}
            own = httpx.get(f"{url}/jobs?limit=100", headers=headers).json()["jobs"]
            assert {job["id"] for job in own} == set(ids[number::2])
            for job_id in ids[number::2]:
                assert re.search(rf" job={job_id} .* path=/execute .* key={name}$", server.log, re.M)


def test_server_answers_waiting_requests_when_it_reloads(redis_url: str) -> None:
    worker = StubWorker(redis_url)
    with serving(redis_url) as server, ThreadPoolExecutor() as pool:
        (old,) = psutil.Process(server.process.pid).children()
        waiting = pool.submit(server.client.post, "/execute", json=BODY)
        job = worker.take()
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: server.log.count("Booting worker") == 2, within=10, what="a new process serves")
        worker.end(job)
        assert waiting.result(10).status_code == 200
        eventually(lambda: not old.is_running(), within=20, what="the old process has ended")
        assert httpx.get(f"http://127.0.0.1:{server.port}/health/live").status_code == 200
    worker.close()


def test_master_process_imports_no_module_that_gevent_must_patch_first(redis_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, api.server, config.gunicorn; print(*sys.modules)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REDIS_URL": redis_url},
        check=True,
        capture_output=True,
        text=True,
    )
    assert not {"flask", "werkzeug", "redis", "prometheus_client"} & set(done.stdout.split())
    with serving(redis_url) as server:
        assert "Warning" not in server.log


def test_each_process_reports_the_metrics_of_all_processes(redis_url: str) -> None:
    with serving(redis_url, API_PROCESSES="3") as server:
        for _ in range(30):
            assert httpx.get(f"http://127.0.0.1:{server.port}/jobs/x").status_code == 404
        line = 'http_requests_total{method="GET",route="/jobs/<job_id>",status="404"} 30.0'

        def counted() -> bool:
            return line in httpx.get(f"http://127.0.0.1:{server.port}/metrics").text

        # The server counts a request after its answer, so the last request may not be counted yet.
        eventually(counted, within=10, what="every request is counted")
        assert all(counted() for _ in range(10))
        assert list(server.scratch.glob("pyx-metrics-*"))
        server.process.terminate()
        assert server.process.wait(20) == 0
        assert [path.name for path in server.scratch.iterdir()] == ["log"]


def test_server_removes_the_folders_of_a_killed_server_when_it_starts(redis_url: str) -> None:
    def folders(server: Server) -> set[str]:
        return {path.name for path in server.scratch.glob("pyx-metrics-*")}

    with serving(redis_url) as first:
        before = folders(first)
        assert before
        with serving(redis_url, TMPDIR=str(first.scratch)):
            # While both servers run, neither folder is removed.
            assert len(folders(first)) == 2
        assert folders(first) == before
        processes = [psutil.Process(first.process.pid), *psutil.Process(first.process.pid).children()]
        for process in processes:
            process.kill()
        first.process.wait()
        psutil.wait_procs(processes, timeout=10)
        with serving(redis_url, TMPDIR=str(first.scratch)):
            assert len(folders(first)) == 1
            assert not folders(first) & before


def test_server_allows_fewer_connections_when_descriptors_are_limited(redis_url: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (1064, 1064)); "
            "import config.gunicorn; print(config.gunicorn.worker_connections)",
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REDIS_URL": redis_url},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "500\n"
    assert "1064 descriptors allow 500 connections" in done.stderr


def test_start_stops_without_a_traceback_when_a_setting_is_bad(redis_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "api.app:create()"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "REDIS_URL": redis_url, "PORT": "none"},
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.returncode != 0
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr
