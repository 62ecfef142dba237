"""A real server, and the scripts on it while it is empty."""

from collections.abc import Iterator

import pytest
from redis import Redis

from config.redis import connect
from tests.support.server import redis_server
from tests.support.store import Records


@pytest.fixture(scope="package")
def server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis(server_url: str) -> Iterator["Redis"]:
    with connect(server_url) as redis:
        redis.flushall()
        yield redis


@pytest.fixture
def records(redis: "Redis") -> Records:
    return Records(redis)
