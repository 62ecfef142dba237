"""Many streams of events in one API process that have nothing to send."""

import time
from dataclasses import dataclass
from typing import Final

from bench.latency import TimedJobs
from bench.percentiles import median
from bench.plan import SETTINGS, Plan
from bench.queued_jobs import make_settings, queue_jobs
from bench.scripts import TRIVIAL, make_body
from config.credentials import new_key
from harness.checkout import Checkout
from harness.client import authorize, connect, make_request
from harness.components import Component, find_processes
from harness.service import Service, run_whole

_MB: Final = 1024 * 1024

#: Jobs of the followed key that run, while all others wait.
_BUSY: Final = 1

#: The most streams that are opened before the API has answered them.
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class IdleStreams:
    """The outcome of the measurement.

    Attributes:
        streams: Open streams, each of a queued job of its own.
        memory: Private memory (USS) of the API process that they take, in MB.
        before: Milliseconds of trivial jobs of another key before the streams were opened.
        beside: The same while they were open.
        after: The same after they were closed.
    """

    streams: int
    memory: float
    before: list[float]
    beside: list[float]
    after: list[float]

    @property
    def over_alone(self) -> float:
        """The median of a trivial job beside the streams over the median without them."""
        return median(self.beside) / median([*self.before, *self.after])


def measure_idle_streams(plan: Plan) -> IdleStreams:
    """Open the streams of one key, and measure the jobs of another key before, beside and after them."""
    (follower, follower_entry), (other, other_entry) = new_key("follower"), new_key("other")
    settings = {
        **SETTINGS,
        "API_KEYS": f"{follower_entry},{other_entry}",
        **make_settings(_BUSY, plan.streams),
    }
    with run_whole(Checkout.this(), **settings) as service:
        jobs = TimedJobs(service, make_body(TRIVIAL), keys=[other])
        ids = queue_jobs(service, follower, _BUSY, plan.streams)
        before = _time_jobs(jobs, plan)
        memory = _measure_memory(service)
        connections = []
        for start in range(0, len(ids), _AT_ONCE):
            opened = [connect(service.port) for _ in ids[start : start + _AT_ONCE]]
            for connection, job_id in zip(opened, ids[start:], strict=False):
                path = f"/jobs/{job_id}/events"
                connection.sendall(make_request("GET", path, headers=authorize(follower)))
            for connection in opened:
                answer = connection.recv(65536)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"a stream was not opened: {answer[:300]!r}")
            connections += opened
        beside = _time_jobs(jobs, plan)
        memory = _measure_memory(service) - memory
        for connection in connections:
            connection.close()
        after = _time_jobs(jobs, plan)
    return IdleStreams(len(connections), memory, before, beside, after)


def _time_jobs(jobs: TimedJobs, plan: Plan) -> list[float]:
    time.sleep(plan.settle)
    return jobs.run(plan.jobs_beside_streams, plan.pause)


def _measure_memory(service: Service) -> float:
    """Return the private memory of the largest process of the API, which serves the requests, in MB."""
    processes = find_processes(service).by_component[Component.API]
    return max(float(process.memory_full_info().uss) for process in processes) / _MB
