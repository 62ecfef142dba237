"""Containers that are killed while jobs flow: what was accepted ends right."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from redis import Redis

from config.redis import connect
from stress.client import RetryingClient, TaskResult
from stress.faults import find_faults
from stress.final_state import FinalState
from stress.tasks import Task
from tests.support.stack import SERVICES, Stack
from tests.support.wait import eventually

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

_CLIENTS = 8

#: Jobs that must have ended between two kills, so that each meets jobs at work.
_BETWEEN = 8

#: What kills the only child of a container's init.
_CRASH = "kill -9 $(cat /proc/1/task/1/children)"


@pytest.fixture
def redis(stack: Stack) -> Iterator["Redis"]:
    """The stack's Redis, empty, as the machine it runs on reaches it."""
    networks = stack.containers("redis")[0]["NetworkSettings"]["Networks"]
    [address] = [one["IPAddress"] for name, one in networks.items() if name.endswith("api-redis")]
    with connect(f"redis://:{stack.setting('REDIS_PASSWORD')}@{address}:6379/0") as redis:
        redis.flushdb()
        eventually(stack.workers, within=30, what="a worker has said again that it consumes")
        yield redis


def test_accepted_jobs_end_right_whichever_container_is_killed(stack: Stack, redis: "Redis") -> None:
    random, stop = Random(6), threading.Event()
    client = RetryingClient(str(stack.client.base_url), stop, seed=6)
    results: list[TaskResult] = []
    killed = threading.Event()

    def keep_coming() -> None:
        while not killed.is_set():
            result = TaskResult(Task.draw(len(results), random))
            results.append(result)
            client.follow(result)

    def ended() -> int:
        return sum(result.ended for result in list(results))

    with ThreadPoolExecutor(_CLIENTS) as pool:
        coming = [pool.submit(keep_coming) for _ in range(_CLIENTS)]
        try:
            for strike in (_kill, _crash):
                for service in SERVICES:
                    seen = ended()
                    eventually(lambda: ended() >= seen + _BETWEEN, within=60, what="jobs flow")  # noqa: B023
                    strike(stack, service)
            seen = ended()
            eventually(lambda: ended() >= seen + _BETWEEN, within=60, what="jobs flow again")
            killed.set()
            for one in coming:
                one.result(60)
        finally:
            killed.set()
            stop.set()
    client.close()
    assert list(find_faults(results, FinalState.read(redis), [])) == []


def _kill(stack: Stack, service: str) -> None:
    """Kill the container from outside, which the engine takes for a wish, and start it again."""
    stack.compose("kill", service)
    stack.compose("start", service)


def _crash(stack: Stack, service: str) -> None:
    """Kill what runs in the container; the engine starts it again by itself."""
    stack.try_compose("exec", "-T", service, "sh", "-c", _CRASH)
    eventually(
        lambda: stack.containers(service)[0]["RestartCount"] > 0,
        within=30,
        what=f"{service} is started again",
    )
