import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from api.app import create_app
from config.names import DISTRIBUTION
from config.redis import connect
from config.settings import Settings
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from store import keys
from tests.support.access import OPEN
from tests.support.answers import content
from tests.support.wait import eventually
from tests.support.worker import SUCCESS, StubWorker

SCRIPT = "def main():\n    return {}"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def post(app: OpenAPI, pool: ThreadPoolExecutor) -> "Future[TestResponse]":
    return pool.submit(lambda: app.test_client().post("/execute", json={"script": SCRIPT}))


def test_job_that_succeeds_is_answered_with_200(
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


def test_job_that_fails_is_answered_with_422(
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


def test_waiter_is_woken_rather_than_finding_out_later(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    ended = time.monotonic()
    worker.end(job)
    waiting.result(10)
    assert time.monotonic() - ended < 1.0


def test_lost_wake_up_delays_an_answer_and_loses_none(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    redis = connect(redis_url)
    redis.delete(keys.waiters(job.id))
    redis.close()
    worker.end(job)
    assert waiting.result(10).status_code == 200


@pytest.mark.parametrize("wake_up", ["no wake-up", "null", "123", '["a", ["b"]]', '["a", null]'])
def test_wake_up_that_says_nothing_is_passed_over(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str, wake_up: str
) -> None:
    waiting = post(app, pool)
    job = worker.take()
    with connect(redis_url) as redis:
        (reply,) = redis.smembers(keys.waiters(job.id))
        redis.publish(reply, wake_up)
    ended = time.monotonic()
    worker.end(job)
    waiting.result(10)
    assert time.monotonic() - ended < 1.0


def test_answer_is_whole_however_long_it_is(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    for length in (10, 100_000):
        waiting = post(app, pool)
        worker.end(worker.take(), Outcome(result={}, stdout="x" * length))
        assert content(waiting.result(10))["stdout"] == "x" * length


def test_many_waiters_each_get_their_own_job(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker
) -> None:
    waiting = [post(app, pool) for _ in range(4)]
    for job in [worker.take() for _ in waiting]:
        worker.end(job, Outcome(sandbox=SandboxKind.NSJAIL, result={"id": job.id}))
    for future in waiting:
        body = content(future.result(10))
        assert body["result"] == {"id": body["id"]}


@pytest.mark.parametrize("claimed", [False, True])
def test_wait_that_ends_first_is_answered_with_202_and_where_to_look(
    redis_url: str, worker: StubWorker, claimed: bool
) -> None:
    app = create_app(Settings(redis_url=redis_url, execute_wait=0.3), OPEN)
    with ThreadPoolExecutor() as pool:
        waiting = post(app, pool)
        if claimed:
            worker.take()
        response = waiting.result(10)
    assert response.status_code == 202
    assert content(response)["status"] == ("running" if claimed else "queued")
    assert response.headers["Location"] == f"/jobs/{content(response)['id']}"
    assert content(app.test_client().get(response.headers["Location"])) == content(response)
    app.extensions[DISTRIBUTION].close()


def test_script_that_is_refused_is_not_queued(client: FlaskClient, worker: StubWorker) -> None:
    response = client.post("/execute", json={"script": "def main(:\n"})
    assert response.status_code == 400
    assert content(response)["error"]["type"] == "syntax_error"
    assert content(response)["error"]["line"] == 1
    assert worker.notifications() == 0


def test_worker_is_given_all_that_was_asked_for(
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


def test_repeat_waits_for_the_same_job(
    app: OpenAPI, pool: ThreadPoolExecutor, worker: StubWorker, redis_url: str
) -> None:
    def post(app: OpenAPI) -> TestResponse:
        return app.test_client().post("/execute", json={"script": SCRIPT}, headers={"Idempotency-Key": "k"})

    first = pool.submit(post, app)
    job = worker.take()
    # A process registers for a job once, so the second request goes to another process's application.
    other = create_app(Settings(redis_url=redis_url), OPEN)
    second = pool.submit(post, other)
    with connect(redis_url) as redis:
        eventually(lambda: redis.scard(keys.waiters(job.id)) == 2, within=10, what="both wait")
    worker.end(job)
    assert content(first.result(10)) == content(second.result(10))
    assert content(post(app))["id"] == job.id
    assert worker.poll(0.1) is None
    other.extensions[DISTRIBUTION].close()


def test_repeat_with_another_body_is_a_conflict(client: FlaskClient, pool: ThreadPoolExecutor) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    client.post("/jobs", json={"script": SCRIPT}, headers=headers)
    response = client.post("/execute", json={"script": SCRIPT + "\n"}, headers=headers)
    assert response.status_code == 409
    assert content(response)["error"]["type"] == "conflict"


def test_any_number_of_requests_may_wait_at_once(app: OpenAPI, worker: StubWorker) -> None:
    # Each on a connection of its own; redis-py would make a hundred.
    with ThreadPoolExecutor(150) as pool:
        waiting = [post(app, pool) for _ in range(150)]
        jobs = [worker.take() for _ in waiting]
        for job in jobs:
            worker.end(job)
        assert [future.result(20).status_code for future in waiting] == [200] * 150
