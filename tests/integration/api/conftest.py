"""A real Redis, the application on it, and a worker that ends jobs as told."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from config.names import DISTRIBUTION
from config.redis import connect
from config.settings import Settings
from tests.support.access import OPEN
from tests.support.server import redis_server
from tests.support.worker import StubWorker


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def shared_app(server_url: str) -> Iterator[OpenAPI]:
    app = create_app(Settings(redis_url=server_url), OPEN)
    yield app
    app.extensions[DISTRIBUTION].close()


@pytest.fixture
def redis_url(server_url: str) -> str:
    """Return the URL of an empty Redis."""
    redis = connect(server_url)
    redis.flushall()
    redis.close()
    return server_url


@pytest.fixture
def app(shared_app: OpenAPI, redis_url: str) -> OpenAPI:
    """Return the application, on an empty Redis."""
    return shared_app


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def worker(redis_url: str) -> Iterator[StubWorker]:
    worker = StubWorker(redis_url)
    yield worker
    worker.close()
