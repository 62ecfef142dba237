"""Many streams of events in one API process that have nothing to send."""

import time
from dataclasses import dataclass
from typing import Final

from bench.latency import TimedJobs
from bench.percentiles import median
from bench.plan import SETTINGS, Plan
from bench.scripts import SLEEP, TRIVIAL, make_body
from config.credentials import new_key
from harness.checkout import Checkout
from harness.client import Client, connect, make_request
from harness.components import Component, find_processes
from harness.service import Service, run_whole

_MB: Final = 1024 * 1024

#: Seconds for which the job runs that keeps the others of its key in the queue: longer than the measurement.
#: It ends with the service.
_BUSY: Final = 600

#: The most streams that are opened before the API has answered them.
_AT_ONCE: Final = 50

#: Seconds after which the service is at rest.
_SETTLE: Final = 2.0


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
        # The first job of the followed key runs, and all others wait.
        "KEY_RUNNING_MAX": "1",
        "KEY_QUEUED_MAX": str(plan.streams),
        "TIMEOUT_MAX": str(_BUSY),
    }
    with run_whole(Checkout.this(), **settings) as service:
        jobs = TimedJobs(service, make_body(TRIVIAL), headers=_authorize(other))
        ids = _queue_jobs(service, plan.streams, _authorize(follower))
        before = _time_jobs(jobs, plan)
        memory = _measure_memory(service)
        connections = []
        for start in range(0, len(ids), _AT_ONCE):
            opened = [connect(service.port) for _ in ids[start : start + _AT_ONCE]]
            for connection, job_id in zip(opened, ids[start:], strict=False):
                path = f"/jobs/{job_id}/events"
                connection.sendall(make_request("GET", path, headers=_authorize(follower)))
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


def _authorize(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _queue_jobs(service: Service, count: int, headers: dict[str, str]) -> list[str]:
    client = Client(service.url)
    busy = {"script": SLEEP, "inputs": {"seconds": _BUSY}, "limits": {"timeout": _BUSY}, "stream": True}
    client.ask("POST", "/jobs", busy, headers)
    queued = {"script": TRIVIAL, "stream": True}
    ids: list[str] = []
    while len(ids) < count:
        answer = client.ask("POST", "/jobs", [queued] * min(100, count - len(ids)), headers)
        if answer.status != 202:
            raise RuntimeError(f"the jobs were not accepted: {answer.text}")
        ids += [job["id"] for job in answer.json()]
    client.close()
    return ids


def _time_jobs(jobs: TimedJobs, plan: Plan) -> list[float]:
    time.sleep(_SETTLE)
    return jobs.run(plan.jobs_beside_streams, plan.pause)


def _measure_memory(service: Service) -> float:
    """Return the private memory of the largest process of the API, which serves the requests, in MB."""
    processes = find_processes(service).by_component[Component.API]
    return max(float(process.memory_full_info().uss) for process in processes) / _MB
