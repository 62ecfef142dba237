"""The request log: one line for each request, without data of the client."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from config.credentials import new_key
from tests.support.gunicorn import Server, serving
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, working

KEY, ENTRY = new_key("shop")
SECRET: Final = "xyzzy-secret"
BODY: Final = {
    "script": f"def main(a):\n    # {SECRET}\n    return {{}}",
    "inputs": {"a": SECRET},
    "stdin": SECRET,
}
PROGRAM: Final = {"script": f"# {SECRET}", "mode": "program", "argv": [SECRET], "stdin": SECRET}


@pytest.fixture(params=["json", "logfmt"])
def server(redis_url: str, request: pytest.FixtureRequest) -> Iterator[Server]:
    with (
        serving(redis_url, API_KEYS=ENTRY, LOG_FORMAT=request.param) as server,
        working(redis_url, SUCCESS),
    ):
        server.client.headers["Authorization"] = f"Bearer {KEY}"
        yield server


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.splitlines()]


@pytest.mark.parametrize("server", ["json"], indirect=True)
def test_request_log_has_a_line_with_the_job_id_when_a_request_is_answered(server: Server) -> None:
    job = server.client.post("/execute", json=BODY).json()
    program = server.client.post("/jobs", json={"script": "print()", "mode": "program"}).json()
    server.client.get(f"/jobs/{job['id']}")
    server.client.get("/jobs/un%0Aknown")
    server.client.get("/health/live")

    def logged() -> list[tuple[Any, ...]]:
        return [
            (
                line["method"],
                line["path"],
                line["status"],
                line["key"],
                line.get("job"),
                line.get("mode"),
                line.get("environment"),
            )
            for line in lines(server)
            if line["event"] == "request"
        ]

    # The server writes a line after it has answered the request.
    eventually(lambda: len(logged()) >= 4, within=10, what="each request is logged")
    assert logged() == [
        ("POST", "/execute", 200, "shop", job["id"], "main", "stdlib"),
        ("POST", "/jobs", 202, "shop", program["id"], "program", "stdlib"),
        ("GET", f"/jobs/{job['id']}", 200, "shop", job["id"], None, None),
        ("GET", "/jobs/un%0Aknown", 404, "shop", "un%0Aknown", None, None),
    ]
    assert all(line["level"] and line["logger"] and line["timestamp"] for line in lines(server))


def test_log_contains_no_data_of_the_client_when_requests_carry_secrets(server: Server) -> None:
    server.client.post("/execute", json=BODY)
    server.client.post(
        "/jobs", json=[BODY, BODY | {"limits": {SECRET: 1}}], headers={"Idempotency-Key": SECRET}
    )
    server.client.post("/jobs", json=BODY | {"script": f"import {SECRET}"})
    server.client.post("/jobs", json=PROGRAM)
    server.client.post("/jobs", json=PROGRAM | {"argv": [SECRET, 1]})
    server.client.get("/jobs", params={"cursor": SECRET, "key": KEY})
    server.client.get("/jobs", headers={"Authorization": f"Bearer {SECRET}"})
    server.client.put("/jobs", content=SECRET)
    eventually(lambda: server.log.count("request") >= 8, within=10, what="each request is logged")
    log = server.log
    assert SECRET not in log
    assert KEY not in log
    assert ENTRY.partition(":")[2] not in log


@pytest.mark.parametrize("server", ["logfmt"], indirect=True)
def test_log_line_is_key_value_pairs_when_the_format_is_logfmt(server: Server) -> None:
    server.client.get("/jobs")
    eventually(lambda: "path=/jobs" in server.log, within=10, what="the request is logged")
    [line] = [line for line in server.log.splitlines() if "path=/jobs" in line]
    assert "level=info logger=api.request_log event=request method=GET path=/jobs status=200 ms=" in line
