"""Many requests that wait for their jobs at the same time."""

import subprocess
import time
from dataclasses import dataclass

from bench import load
from bench.latency import TimedJobs
from bench.plan import SETTINGS, Plan
from bench.scripts import SLEEP, TRIVIAL, make_body
from harness.checkout import Checkout
from harness.client import connect, make_request
from harness.service import Service, run_whole
from store import keys

#: Seconds for which the workers are kept busy, so that every other job waits.
_BUSY = 4.0

_WORKERS = 2


@dataclass(frozen=True, slots=True)
class WaitingRequests:
    """The outcome of the measurement.

    Attributes:
        asked: Requests sent at once.
        waiting: The largest number of jobs seen in the queue at one time.
        statuses: How often each HTTP status was answered.
        lost: The number of connections that broke.
        seconds: From the first request to the last answer.
    """

    asked: int
    waiting: int
    statuses: dict[str, int]
    lost: int
    seconds: float

    @property
    def answered(self) -> int:
        """How many requests were answered with a job."""
        return self.statuses.get("200", 0) + self.statuses.get("202", 0)


def measure_waiting_requests(plan: Plan) -> WaitingRequests:
    """Send all requests while the workers are busy, then wait for the answers."""
    settings = {**SETTINGS, "WORKERS": str(_WORKERS)}
    with run_whole(Checkout.this(), **settings) as service:
        TimedJobs(service, make_body(TRIVIAL))
        busy = [connect(service.port) for _ in range(_WORKERS)]
        for connection in busy:
            # Not /execute, which would take places of the requests that wait (KEY_WAITING_MAX).
            connection.sendall(make_request("POST", "/jobs", make_body(SLEEP, seconds=_BUSY)))
        _wait_until_busy(service)
        order = load.Order(service.port, plan.waiting, make_body(TRIVIAL).decode(), jobs=plan.waiting)
        process = load.start(order)
        began = time.monotonic()
        waiting = _find_most_queued(service, process)
        done = load.finish(process)
        seconds = time.monotonic() - began
        for connection in busy:
            connection.close()
    return WaitingRequests(plan.waiting, waiting, done.statuses, done.lost, seconds)


def _wait_until_busy(service: Service) -> None:
    deadline = time.monotonic() + _BUSY
    while service.redis.zcard(keys.RUNNING) < _WORKERS:
        if time.monotonic() > deadline:
            raise RuntimeError("the workers did not start their jobs")
        time.sleep(0.01)


def _find_most_queued(service: Service, process: "subprocess.Popen[str]") -> int:
    most = 0
    while process.poll() is None:
        queued = int(service.redis.zcard(keys.QUEUED))
        most = max(most, queued)
        if most and not queued:
            break
        time.sleep(0.02)
    return most
