"""The API while Redis is down, silent or full, and after it is back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask_openapi3.openapi import OpenAPI

from config.redis import ANSWER_TIMEOUT, connect
from store import keys
from tests.support.answers import content, error_of
from tests.support.api import BODY, running_app
from tests.support.server import RedisServer, redis_process
from tests.support.worker import StubWorker


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_process() as server:
        yield server


@pytest.fixture
def app(server: RedisServer) -> Iterator[OpenAPI]:
    with running_app(server.url) as app:
        yield app


def run_job(app: OpenAPI, worker: StubWorker) -> int:
    """Submit a job to /execute, let the worker finish it and return the status of the answer."""
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: app.test_client().post("/execute", json=BODY))
        worker.end(worker.take())
        return waiting.result(10).status_code


CALLS = [
    ("POST", "/execute"),
    ("POST", "/jobs"),
    ("GET", "/jobs"),
    ("GET", "/jobs?ids=x,y"),
    ("GET", "/jobs/x"),
    ("GET", "/jobs/x?wait=9"),
    ("DELETE", "/jobs/x"),
    ("GET", "/metrics"),
    ("GET", "/environments"),
    ("GET", "/health/ready"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_api_answers_503_at_once_when_redis_is_down(
    app: OpenAPI, server: RedisServer, method: str, path: str
) -> None:
    worker = StubWorker(server.url)
    assert run_job(app, worker) == 200
    worker.close()
    server.kill()
    started = time.monotonic()
    response = app.test_client().open(path, method=method, json=BODY if method == "POST" else None)
    assert time.monotonic() - started < 2.0
    assert response.status_code == 503
    assert content(response)["error"]["type"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0


def test_live_answers_200_when_redis_is_down(app: OpenAPI, server: RedisServer) -> None:
    server.kill()
    assert app.test_client().get("/health/live").status_code == 200


def test_api_serves_jobs_again_when_redis_is_back(app: OpenAPI, server: RedisServer) -> None:
    before = StubWorker(server.url)
    assert run_job(app, before) == 200
    before.close()
    server.kill()
    assert app.test_client().post("/execute", json=BODY).status_code == 503
    server.start()
    after = StubWorker(server.url)
    for _ in range(3):
        assert run_job(app, after) == 200
    after.close()


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_api_answers_503_within_the_timeout_when_redis_is_silent(
    app: OpenAPI, server: RedisServer, method: str, path: str
) -> None:
    redis = connect(server.url)
    redis.client_pause(30_000)
    started = time.monotonic()
    response = app.test_client().open(path, method=method, json=BODY if method == "POST" else None)
    assert time.monotonic() - started < ANSWER_TIMEOUT + 1.0
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/execute", "/jobs"])
def test_api_refuses_new_jobs_and_shows_old_ones_when_redis_is_full(
    app: OpenAPI, server: RedisServer, path: str
) -> None:
    client = app.test_client()
    before = client.post("/jobs", json=BODY).headers["Location"]
    redis = connect(server.url)
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", 1)
    response = client.post(path, json=BODY)
    error = error_of(response, 503)
    assert (error["type"], "maxmemory" in error["message"]) == ("storage_full", True)
    assert int(response.headers["Retry-After"]) > 0
    assert client.get(before).status_code == 200
    assert client.get("/jobs").status_code == 200
    assert client.delete(before).status_code == 200
    redis.config_set("maxmemory", 0)
    assert client.post("/jobs", json=BODY).status_code == 202
    redis.close()


def test_api_accepts_the_job_when_its_notification_cannot_be_sent(app: OpenAPI, server: RedisServer) -> None:
    redis = connect(server.url)
    # The key of the notifications is no list, so the record is stored and the notification is not.
    redis.set(keys.NOTIFICATIONS, "")
    response = app.test_client().post("/jobs", json=BODY)
    assert response.status_code == 202
    assert app.test_client().get(response.headers["Location"]).status_code == 200
    redis.close()
