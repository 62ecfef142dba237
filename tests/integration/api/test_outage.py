"""What the API does while Redis is away, and after."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from config.names import DISTRIBUTION
from config.settings import Settings
from tests.support.access import OPEN
from tests.support.answers import content
from tests.support.server import RedisServer, redis_process
from tests.support.worker import StubWorker

BODY = {"script": "def main():\n    return {}"}


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_process() as server:
        yield server


@pytest.fixture
def app(server: RedisServer) -> Iterator[OpenAPI]:
    app = create_app(Settings(redis_url=server.url), OPEN)
    yield app
    app.extensions[DISTRIBUTION].close()


def execute(app: OpenAPI, worker: StubWorker) -> int:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: app.test_client().post("/execute", json=BODY))
        worker.end(worker.take())
        return waiting.result(10).status_code


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/execute"), ("POST", "/jobs"), ("GET", "/jobs/x?wait=9"), ("GET", "/health/ready")],
)
def test_outage_is_answered_with_503_at_once(
    app: OpenAPI, server: RedisServer, method: str, path: str
) -> None:
    worker = StubWorker(server.url)
    assert execute(app, worker) == 200
    worker.close()
    server.kill()
    began = time.monotonic()
    response = app.test_client().open(path, method=method, json=BODY if method == "POST" else None)
    assert time.monotonic() - began < 2.0
    assert response.status_code == 503
    assert content(response)["error"]["type"] == "unavailable"
    assert int(response.headers["Retry-After"]) > 0


def test_live_does_not_need_redis(app: OpenAPI, server: RedisServer) -> None:
    server.kill()
    assert app.test_client().get("/health/live").status_code == 200


def test_service_goes_on_once_redis_is_back(app: OpenAPI, server: RedisServer) -> None:
    before = StubWorker(server.url)
    assert execute(app, before) == 200
    before.close()
    server.kill()
    assert app.test_client().post("/execute", json=BODY).status_code == 503
    server.start()
    after = StubWorker(server.url)
    for _ in range(3):
        assert execute(app, after) == 200
    after.close()
