"""A Redis, its job store and a worker."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.fleet import WorkerProcess, worker_process
from tests.support.server import RedisServer, redis_process
from tests.support.store import StoreHarness


@pytest.fixture(scope="module")
def server(nsjail: None) -> Iterator[RedisServer]:
    """Run a Redis that keeps its data when it is killed."""
    with redis_process(durable=True) as server:
        yield server


@pytest.fixture
def harness(server: RedisServer) -> Iterator[StoreHarness]:
    """Return the job store, emptied. Workers that run register again."""
    with closing(StoreHarness(server.url)) as harness:
        harness.redis.flushall()
        yield harness


@pytest.fixture(scope="module")
def worker(server: RedisServer) -> Iterator[WorkerProcess]:
    """Run one worker for all tests of a module."""
    with worker_process(server.url) as worker:
        yield worker
