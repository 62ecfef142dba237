"""Live output, read over HTTP by clients that others wrote."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from tests.support.programs import need_program
from tests.support.service import Service, running_service
from tests.support.wait import eventually

#: Prints a text with a character that is cut by a write, and waits before it goes on.
SLOW = """
import os, time
os.write(1, "h\\u00e9".encode()[:2])
time.sleep(0.2)
os.write(1, "\\u00e9".encode()[1:] + b"\\n")
time.sleep(1.5)
print("end")
"""

#: Prints for three seconds.
CHATTY = """
import sys, time
for number in range(150):
    print(f"{number} \\u20ac", file=sys.stderr if number % 7 == 0 else sys.stdout)
    time.sleep(0.02)
"""

EVENTS = {"Accept": "text/event-stream"}


def _program(script: str, **fields: Any) -> dict[str, Any]:
    return {"script": script, "mode": "program", "limits": {"timeout": 20}, **fields}


def _check(events: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Assert that the texts of a stream are the outputs of its job, once; return the job."""
    output = {"stdout": "", "stderr": ""}
    for name, data in events:
        if name == "restarted":
            output = {"stdout": "", "stderr": ""}
        elif name in output:
            assert data["offset"] == len(output[name].encode())
            output[name] += data["text"]
    name, job = events[-1]
    assert name == "done"
    assert output == {"stdout": job["stdout"], "stderr": job["stderr"]}
    return job


def _plain(events: list[ServerSentEvent]) -> list[tuple[str, dict[str, Any]]]:
    return [(event.event, event.json()) for event in events]


def test_httpx_sse_gets_output_while_the_job_runs(service: Service) -> None:
    with connect_sse(service.client, "POST", "/execute", json=_program(SLOW)) as source:
        found: list[ServerSentEvent] = []
        for event in source.iter_sse():
            if event.event == "stdout" and "stdout" not in {earlier.event for earlier in found}:
                job = httpx.get(f"{service.client.base_url}{source.response.headers['Location']}").json()
                assert job["status"] == "running"
            found.append(event)
    assert _check(_plain(found))["stdout"] == "hé\nend\n"
    assert [event.event for event in found].count("stdout") >= 2


def test_eventsource_parser_gets_all_events(service: Service, node_modules: Path) -> None:
    command = ["node", "follow.js", f"{service.client.base_url}/execute", json.dumps(_program(CHATTY))]
    printed = subprocess.run(
        command, cwd=node_modules, capture_output=True, check=True, timeout=60, text=True
    ).stdout
    events = [json.loads(line) for line in printed.splitlines()]
    job = _check([(event["event"], event["data"]) for event in events])
    assert len(job["stdout"].splitlines()) + len(job["stderr"].splitlines()) == 150
    assert events[-1]["id"].endswith("-succeeded")


def test_curl_prints_each_event_at_once(service: Service) -> None:
    command = [
        *(
            need_program("curl"),
            "-sN",
            f"{service.client.base_url}/execute",
            "-H",
            "Accept: text/event-stream",
        ),
        *("-H", "Content-Type: application/json", "-d", json.dumps(_program(SLOW))),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout
        lines = iter(curl.stdout.readline, "")
        job_id = next(json.loads(line[6:])["id"] for line in lines if line.startswith("data: "))
        assert next(line for line in lines if line == "event: stdout\n")
        assert service.client.get(f"/jobs/{job_id}").json()["status"] == "running"
        assert "event: done\n" in lines
    assert curl.returncode == 0


def test_output_of_a_megabyte_arrives_whole(service: Service) -> None:
    script = "for number in range(100_000): print(number, '\\u00e9\\u20ac')"
    with connect_sse(service.client, "POST", "/execute", json=_program(script)) as source:
        job = _check(_plain(list(source.iter_sse())))
    assert job["truncated"] == {"stdout": True, "stderr": False}
    assert len(job["stdout"].encode()) > 1_000_000


def test_job_that_was_not_asked_to_stream_sends_its_output_at_the_end(service: Service) -> None:
    location = service.client.post("/jobs", json=_program(SLOW)).headers["Location"]
    with connect_sse(service.client, "GET", f"{location}/events") as source:
        events = _plain(list(source.iter_sse()))
    assert _check(events)["stdout"] == "hé\nend\n"
    assert [name for name, _ in events][-2:] == ["stdout", "done"]
    assert [name for name, _ in events].count("stdout") == 1


@pytest.fixture(scope="module")
def own(nsjail: None) -> Iterator[Service]:
    """Return a service whose processes a test may kill."""
    with running_service(WORKERS="1") as service:
        yield service


def _follow_to_the_end(client: httpx.Client, path: str, last: str) -> Iterator[ServerSentEvent]:
    """Follow a job, and connect again with the id of the last event until the job is done."""

    def connect() -> Iterator[ServerSentEvent]:
        headers = {"Last-Event-ID": last} if last else {}
        try:
            with connect_sse(client, "GET", path, headers=headers) as source:
                yield from source.iter_sse()
        except httpx.TransportError:
            return

    done = False
    while not done:
        for event in connect():
            last, done = event.id, event.event == "done"
            yield event


def test_client_has_no_gap_and_no_double_when_the_api_is_killed(own: Service) -> None:
    with connect_sse(own.client, "POST", "/execute", json=_program(CHATTY)) as source:
        path = f"{source.response.headers['Location']}/events"
        events = source.iter_sse()
        found = [next(events) for _ in range(8)]
    killed = 0
    for event in _follow_to_the_end(own.client, path, found[-1].id):
        found.append(event)
        if killed < 2 and len(found) % 10 == 0:
            killed += 1
            for process in psutil.Process(own.api.pid).children():
                os.kill(process.pid, signal.SIGKILL)
    job = _check(_plain(found))
    assert killed == 2
    assert job["stdout"].count("\n") + job["stderr"].count("\n") == 150
    assert own.client.get(path, headers={"Last-Event-ID": found[-1].id}).status_code == 204


def test_client_is_told_that_output_is_void_when_the_worker_is_killed(own: Service) -> None:
    [pool_process] = [
        child for child in psutil.Process(own.worker.pid).children() if child.children(recursive=True)
    ]
    with connect_sse(own.client, "POST", "/execute", json=_program(CHATTY)) as source:
        found: list[ServerSentEvent] = []
        for event in source.iter_sse():
            found.append(event)
            if event.event == "stdout" and pool_process.is_running():
                pool_process.kill()
                eventually(lambda: not pool_process.is_running(), within=10, what="the process has ended")
    events = _plain(found)
    assert [name for name, _ in events].count("restarted") == 1
    assert _check(events)["status"] == "succeeded"
