"""Containers are killed under load: every accepted job still ends correctly."""

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

#: The number of jobs that must end between two kills, so that jobs are running at each kill.
_JOBS_BETWEEN_KILLS = 8

#: A shell command that kills the only child of a container's init.
_CRASH = "kill -9 $(cat /proc/1/task/1/children)"


@pytest.fixture
def redis(stack: Stack) -> Iterator["Redis"]:
    """A connection from the host to the stack's Redis, which is empty."""
    networks = stack.containers("redis")[0]["NetworkSettings"]["Networks"]
    [address] = [network["IPAddress"] for name, network in networks.items() if name.endswith("api-redis")]
    with connect(f"redis://:{stack.setting('REDIS_PASSWORD')}@{address}:6379/0") as redis:
        redis.flushdb()
        eventually(stack.workers, within=30, what="a worker has registered again")
        yield redis


def test_accepted_jobs_end_correctly_when_any_container_is_killed(stack: Stack, redis: "Redis") -> None:
    random, stop = Random(6), threading.Event()
    client = RetryingClient(str(stack.client.base_url), stop, seed=6)
    results: list[TaskResult] = []
    finished = threading.Event()

    def submit_jobs() -> None:
        while not finished.is_set():
            result = TaskResult(Task.draw(len(results), random))
            results.append(result)
            client.follow(result)

    def count_ended() -> int:
        return sum(result.ended for result in list(results))

    def await_jobs() -> None:
        wanted = count_ended() + _JOBS_BETWEEN_KILLS
        eventually(lambda: count_ended() >= wanted, within=60, what=f"{_JOBS_BETWEEN_KILLS} more jobs end")

    with ThreadPoolExecutor(_CLIENTS) as pool:
        clients = [pool.submit(submit_jobs) for _ in range(_CLIENTS)]
        try:
            for kill in (_kill_container, _crash_process):
                for service in SERVICES:
                    await_jobs()
                    kill(stack, service)
            await_jobs()
            finished.set()
            for submitted in clients:
                submitted.result(60)
        finally:
            finished.set()
            stop.set()
    client.close()
    assert list(find_faults(results, FinalState.read(redis), [])) == []


def _kill_container(stack: Stack, service: str) -> None:
    """Kill the container through the engine and start it again: the engine does not restart it by itself."""
    stack.compose("kill", service)
    stack.compose("start", service)


def _crash_process(stack: Stack, service: str) -> None:
    """Kill the main process in the container and wait until the engine has restarted the container."""
    stack.try_compose("exec", "-T", service, "sh", "-c", _CRASH)
    eventually(
        lambda: stack.containers(service)[0]["RestartCount"] > 0,
        within=30,
        what=f"the engine restarts {service}",
    )
