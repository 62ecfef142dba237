"""A real Redis, the application that uses it, and a stub worker."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from config.redis import connect
from tests.support.api import running_app
from tests.support.server import redis_server
from tests.support.worker import StubWorker


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def shared_app(server_url: str) -> Iterator[OpenAPI]:
    with running_app(server_url) as app:
        yield app


@pytest.fixture
def redis_url(server_url: str) -> str:
    """Return the URL of an empty Redis."""
    with connect(server_url) as redis:
        redis.flushall()
    return server_url


@pytest.fixture
def app(shared_app: OpenAPI, redis_url: str) -> OpenAPI:
    """Return the application, with an empty Redis."""
    return shared_app


@pytest.fixture
def client(app: OpenAPI) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def worker(redis_url: str) -> Iterator[StubWorker]:
    with closing(StubWorker(redis_url)) as worker:
        yield worker
