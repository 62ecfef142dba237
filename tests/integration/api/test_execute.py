"""`POST /execute`: it submits a job and waits for the outcome."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from config.redis import connect
from jobs.job import Job
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from store import keys
from tests.support.answers import content, error_of
from tests.support.api import BODY, SCRIPT, running_app
from tests.support.store import waiters_of
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, StubWorker


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def post(app: OpenAPI, pool: ThreadPoolExecutor) -> "Future[TestResponse]":
    return pool.submit(lambda: app.test_client().post("/execute", json=BODY))


def test_execute_answers_200_when_the_job_succeeds(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = post(app, pool)
    worker.end(worker.take(), SUCCESS)
    response = waiting.result(10)
    assert response.status_code == 200
    assert content(response)["status"] == "succeeded"
    assert content(response)["result"] == {"ok": True}
    assert content(response)["stdout"] == "hi\n"
    assert "Location" not in response.headers


def test_execute_answers_422_when_the_job_fails(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = post(app, pool)
    error = JobError(ErrorType.EXCEPTION, "ValueError: no", line=2)
    worker.end(worker.take(), Outcome(sandbox=SandboxKind.NSJAIL, error=error))
    response = waiting.result(10)
    assert response.status_code == 422
    assert content(response)["status"] == "failed"
    assert content(response)["error"] == {
        "type": "exception",
        "message": "ValueError: no",
        "line": 2,
        "traceback": None,
    }


def test_execute_answers_200_without_a_result_when_a_program_ends_with_0(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    body = {"script": "print('hi')", "mode": "program", "argv": ["-n", "é"], "stdin": "in"}
    waiting = pool.submit(lambda: app.test_client().post("/execute", json=body))
    claimed = worker.take()
    expected = Job("print('hi')", stdin="in", mode=Mode.PROGRAM, argv=("-n", "é"))
    assert replace(claimed.job, limits=expected.limits) == expected
    worker.end(claimed, Outcome(sandbox=SandboxKind.NSJAIL, stdout="hi\n", exit_code=0))
    response = waiting.result(10)
    assert response.status_code == 200
    job = content(response)
    assert (job["status"], job["result"], job["error"]) == ("succeeded", None, None)
    assert (job["exit_code"], job["stdout"]) == (0, "hi\n")


def test_execute_answers_422_with_the_exit_code_when_a_program_exits(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = pool.submit(lambda: app.test_client().post("/execute", json={"script": "", "mode": "program"}))
    error = JobError(ErrorType.EXIT, "the script exited with status 3")
    worker.end(worker.take(), Outcome(sandbox=SandboxKind.NSJAIL, error=error, exit_code=3))
    response = waiting.result(10)
    assert response.status_code == 422
    job = content(response)
    assert (job["status"], job["error"]["type"], job["exit_code"]) == ("failed", "exit", 3)


def test_job_has_no_exit_code_before_its_end_and_after_a_cancellation(client: FlaskClient) -> None:
    location = client.post("/jobs", json=BODY).headers["Location"]
    assert content(client.get(location))["exit_code"] is None
    assert content(client.delete(location))["exit_code"] is None


@pytest.mark.parametrize("order", [("main", "program"), ("program", "main")])
@pytest.mark.parametrize("path", ["/jobs", "/execute"])
def test_submission_needs_main_in_mode_main_only(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, path: str, order: tuple[str, str]
) -> None:
    def post_script(mode: str) -> TestResponse:
        return app.test_client().post(path, json={"script": "print('no main')", "mode": mode})

    # Each order, because the API remembers its verdict on a script.
    for mode in order:
        waiting = pool.submit(post_script, mode)
        if mode == "program":
            worker.end(worker.take(), Outcome(sandbox=SandboxKind.NSJAIL, exit_code=0))
            assert waiting.result(10).status_code == (202 if path == "/jobs" else 200)
        else:
            assert error_of(waiting.result(10), 400)["type"] == "missing_main"


@pytest.mark.parametrize("script", ["def f(:", "import numpy"])
def test_program_is_refused_when_its_script_cannot_run(client: FlaskClient, script: str) -> None:
    response = client.post("/jobs", json={"script": script, "mode": "program"})
    assert error_of(response, 400)["line"] == 1


def test_program_that_needs_a_child_process_to_be_checked_needs_no_main(client: FlaskClient) -> None:
    script = "a = 1\n" * 20_000
    assert client.post("/jobs", json={"script": script, "mode": "program"}).status_code == 202
    assert error_of(client.post("/jobs", json={"script": script}), 400)["type"] == "missing_main"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"script": "", "mode": "script"}, "mode"),
        ({"script": "", "mode": "program", "argv": ["a", "b\0"]}, "argv[1]"),
        ({"script": "", "mode": "program", "inputs": {"n": 1}}, "inputs"),
        ({"script": SCRIPT, "argv": ["a"]}, "argv"),
    ],
)
@pytest.mark.parametrize("path", ["/jobs", "/execute"])
def test_submission_is_refused_with_its_field_when_the_mode_does_not_have_it(
    client: FlaskClient, path: str, body: dict[str, object], field: str
) -> None:
    error = error_of(client.post(path, json=body), 400)
    assert (error["type"], error["field"]) == ("invalid_request", field)


def test_execute_answers_within_a_second_when_the_job_ends(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    ended_at = time.monotonic()
    worker.end(job)
    waiting.result(10)
    assert time.monotonic() - ended_at < 1.0


def test_execute_still_answers_when_the_wake_up_is_lost(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    with connect(redis_url) as redis:
        redis.hset(keys.job(job.id), "waiters", "")
    worker.end(job)
    assert waiting.result(10).status_code == 200


@pytest.mark.parametrize("wake_up", ["no wake-up", "null", "123", '["a", ["b"]]', '["a", null]'])
def test_execute_skips_a_wake_up_when_it_is_malformed(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str, wake_up: str
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    with connect(redis_url) as redis:
        (reply,) = waiters_of(redis, job.id)
        redis.publish(reply, wake_up)
    ended_at = time.monotonic()
    worker.end(job)
    waiting.result(10)
    assert time.monotonic() - ended_at < 1.0


def test_execute_returns_the_whole_output_when_it_is_short_or_long(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    for length in (10, 100_000):
        waiting = post(app, pool)
        worker.end(worker.take(), Outcome(result={}, stdout="x" * length))
        assert content(waiting.result(10))["stdout"] == "x" * length


def test_execute_answers_each_client_with_its_own_job_when_several_wait(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = [post(app, pool) for _ in range(4)]
    for job in [worker.take() for _ in waiting]:
        worker.end(job, Outcome(sandbox=SandboxKind.NSJAIL, result={"id": job.id}))
    for future in waiting:
        body = content(future.result(10))
        assert body["result"] == {"id": body["id"]}


@pytest.mark.parametrize("claimed", [False, True])
def test_execute_answers_202_with_the_location_when_the_wait_ends_first(
    redis_url: str, worker: StubWorker, claimed: bool
) -> None:
    with running_app(redis_url, execute_wait=0.3) as app:
        with ThreadPoolExecutor() as pool:
            waiting = post(app, pool)
            if claimed:
                worker.take()
            response = waiting.result(10)
        assert response.status_code == 202
        assert content(response)["status"] == ("running" if claimed else "queued")
        assert response.headers["Location"] == f"/jobs/{content(response)['id']}"
        assert content(app.test_client().get(response.headers["Location"])) == content(response)


def test_execute_queues_no_job_when_the_script_is_refused(client: FlaskClient, worker: StubWorker) -> None:
    response = client.post("/execute", json={"script": "def main(:\n"})
    error = error_of(response, 400)
    assert (error["type"], error["line"]) == ("syntax_error", 1)
    assert worker.notifications() == 0


def test_worker_receives_every_field_when_the_request_sets_them(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    body = {
        "script": SCRIPT,
        "inputs": {"n": 1, "deep": [{"x": None}], "text": "\x00é😀"},
        "stdin": "in",
        "limits": {"timeout": 2, "memory_mb": 64},
    }
    waiting = pool.submit(lambda: app.test_client().post("/execute", json=body))
    job = worker.take()
    worker.end(job)
    assert job.job.inputs == body["inputs"]
    assert job.job.stdin == "in"
    limits = {"timeout": 2.0, "cpu": 2.0, "memory_mb": 64, "processes": 32}
    assert asdict(job.job.limits) == limits
    assert content(waiting.result(10))["limits"] == limits


def test_execute_waits_for_the_same_job_when_the_request_is_repeated(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str
) -> None:
    def post(app: OpenAPI) -> TestResponse:
        return app.test_client().post("/execute", json=BODY, headers={"Idempotency-Key": "k"})

    first = pool.submit(post, app)
    job = worker.take()
    # A process registers once for each job, so a second application stands for another process.
    with running_app(redis_url) as other, connect(redis_url) as redis:
        second = pool.submit(post, other)
        eventually(lambda: len(waiters_of(redis, job.id)) == 2, within=10, what="both wait")
        worker.end(job)
        assert content(first.result(10)) == content(second.result(10))
    assert content(post(app))["id"] == job.id
    assert worker.poll(0.1) is None


def test_execute_answers_409_when_the_idempotency_key_has_another_body(
    client: FlaskClient, pool: ThreadPoolExecutor
) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    client.post("/jobs", json=BODY, headers=headers)
    response = client.post("/execute", json={"script": SCRIPT + "\n"}, headers=headers)
    assert error_of(response, 409)["type"] == "conflict"


def test_execute_answers_every_client_when_150_wait_at_once(app: OpenAPI, worker: StubWorker) -> None:
    # More requests than the default pool of redis-py has connections (100).
    with ThreadPoolExecutor(150) as pool:
        waiting = [post(app, pool) for _ in range(150)]
        jobs = [worker.take() for _ in waiting]
        for job in jobs:
            worker.end(job)
        assert [future.result(20).status_code for future in waiting] == [200] * 150
