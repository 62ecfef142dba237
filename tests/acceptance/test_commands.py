"""What a job costs in commands to Redis, of the API and the worker together."""

import statistics
from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.client import Monitor

from tests.support.service import Service

_MARK = "between-two-jobs"
_JOBS = 15


@pytest.fixture
def monitor(service: Service) -> Iterator[Monitor]:
    with Redis.from_url(service.redis_url, decode_responses=True) as redis, redis.monitor() as monitor:
        yield monitor


def _until_mark(monitor: Monitor) -> Counter[str]:
    """Count the commands that came over a connection; those inside a script are no way there and back."""
    sent: Counter[str] = Counter()
    for seen in monitor.listen():  # type: ignore[no-untyped-call]
        if _MARK in seen["command"]:
            return sent
        if seen["client_type"] != "lua":
            sent[seen["command"].split()[0].upper()] += 1
    raise AssertionError("the server ended")


def test_a_job_takes_few_commands(service: Service, monitor: Monitor) -> None:
    service.execute("def main(): return {}")  # Every connection and script is there now.
    with Redis.from_url(service.redis_url) as redis:
        redis.echo(_MARK)
        _until_mark(monitor)
        each = []
        for _ in range(_JOBS):
            assert service.execute("def main(): return {}").status_code == 200
            redis.echo(_MARK)
            each.append(_until_mark(monitor))
    # The median, because timers send something now and then, and the last command of a job may be seen
    # after its answer.
    assert statistics.median(sent.total() for sent in each) <= 6, each
