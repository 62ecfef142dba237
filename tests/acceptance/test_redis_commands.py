"""The Redis commands that the API and the worker send for one job."""

import statistics
from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.client import Monitor

from tests.support.service import Service

#: Sent between two jobs, so that the commands of each can be counted separately.
_MARK = "between-two-jobs"
_JOBS = 15


@pytest.fixture
def monitor(service: Service) -> Iterator[Monitor]:
    with Redis.from_url(service.redis_url, decode_responses=True) as redis, redis.monitor() as monitor:
        yield monitor


def _until_mark(monitor: Monitor) -> Counter[str]:
    """Count the commands of all connections up to the mark. Commands inside a Lua script are not round trips."""
    sent: Counter[str] = Counter()
    for entry in monitor.listen():  # type: ignore[no-untyped-call]
        if _MARK in entry["command"]:
            return sent
        if entry["client_type"] != "lua":
            sent[entry["command"].split()[0].upper()] += 1
    raise AssertionError("the connection ended")


def test_job_needs_at_most_6_redis_commands(service: Service, monitor: Monitor) -> None:
    service.execute("def main(): return {}")  # Now every connection is open and every script is loaded.
    with Redis.from_url(service.redis_url) as redis:
        redis.echo(_MARK)
        _until_mark(monitor)
        counts = []
        for _ in range(_JOBS):
            assert service.execute("def main(): return {}").status_code == 200
            redis.echo(_MARK)
            counts.append(_until_mark(monitor))
    # The median, because timers send commands now and then, and the last command of a job may arrive
    # after its answer.
    assert statistics.median(sent.total() for sent in counts) <= 6, counts
