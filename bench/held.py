"""Many requests that wait at once."""

import subprocess
import time
from dataclasses import dataclass

from redis import Redis

from bench import load
from bench.client import Client, connect, request
from bench.plan import Plan
from bench.scripts import SLEEP, TRIVIAL, body
from bench.service import Service, running
from store import keys

#: Seconds for which the workers are kept busy, so that everything else waits.
_BUSY = 4.0

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class Held:
    """asked: requests sent at once; waiting: the most jobs seen in the queue at one time."""

    asked: int
    waiting: int
    statuses: dict[str, int]
    lost: int
    seconds: float

    @property
    def answered(self) -> int:
        """Return how many were answered with a job."""
        return self.statuses.get("200", 0) + self.statuses.get("202", 0)


def held(plan: Plan) -> Held:
    """Send all requests while the workers are busy, then wait for the answers."""
    with running(WORKERS=str(_WORKERS)) as service:
        with Client(service.port) as client:
            client.execute(body(TRIVIAL))
        busy = [connect(service.port) for _ in range(_WORKERS)]
        for connection in busy:
            connection.sendall(request(body(SLEEP, seconds=_BUSY)))
        _await_running(service, _WORKERS)
        process = load.start(load.Order(service.port, plan.held, body(TRIVIAL).decode(), jobs=plan.held))
        began = time.monotonic()
        waiting = _most_waiting(service, process)
        done = load.finish(process)
        seconds = time.monotonic() - began
        for connection in busy:
            connection.close()
    return Held(plan.held, waiting, done.statuses, done.lost, seconds)


def _await_running(service: Service, jobs: int) -> None:
    with Redis.from_url(service.redis_url) as redis:
        ends = time.monotonic() + _BUSY
        while redis.zcard(keys.RUNNING) < jobs:
            if time.monotonic() > ends:
                raise RuntimeError("the workers did not get busy")
            time.sleep(0.01)


def _most_waiting(service: Service, process: "subprocess.Popen[str]") -> int:
    most = 0
    with Redis.from_url(service.redis_url) as redis:
        while process.poll() is None:
            most = max(most, int(redis.zcard(keys.QUEUED)))
            time.sleep(0.02)
            if most and not redis.zcard(keys.QUEUED):
                break
    return most
