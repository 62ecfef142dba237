"""A Redis, its records, and a worker for it."""

from collections.abc import Iterator

import pytest

from config.redis import connect
from tests.support.fleet import WorkerProcess, worker_process
from tests.support.server import RedisServer, redis_process
from tests.support.store import Records


@pytest.fixture(scope="module")
def server(nsjail: None) -> Iterator[RedisServer]:
    """Run a server that keeps what it holds when it is killed."""
    with redis_process(durable=True) as server:
        yield server


@pytest.fixture
def records(server: RedisServer) -> Iterator[Records]:
    """Return the records, empty but for the signs of life of workers."""
    with connect(server.url) as redis:
        redis.flushall()
        yield Records(redis)


@pytest.fixture(scope="module")
def worker(server: RedisServer) -> Iterator[WorkerProcess]:
    """Run one worker through all tests of a module, whatever they put it through."""
    with worker_process(server.url) as worker:
        yield worker
