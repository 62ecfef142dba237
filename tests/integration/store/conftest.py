"""A real Redis-protocol server, and job stores on it while it is empty."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from redis import Redis

from tests.support.server import redis_server
from tests.support.store import StoreHarness


@pytest.fixture(scope="package")
def server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def make_harness(server_url: str) -> Iterator[Callable[..., StoreHarness]]:
    """Return a function that makes a harness on the same server; all are closed at the end."""
    with ExitStack() as stack:

        def make(**bounds: Any) -> StoreHarness:
            harness = StoreHarness(server_url, **bounds)
            stack.callback(harness.close)
            return harness

        make().redis.flushall()
        yield make


@pytest.fixture
def harness(make_harness: Callable[..., StoreHarness]) -> StoreHarness:
    return make_harness()


@pytest.fixture
def redis(harness: StoreHarness) -> "Redis":
    return harness.redis
