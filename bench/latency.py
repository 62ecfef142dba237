"""One job at a time, interleaved with bare starts and cold jails."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import cycle

from bench import file_jobs, load, prints
from bench.plan import Plan
from bench.scripts import MODERATE, TRIVIAL, make_body
from bench.starts import Starts, time_start
from harness.client import Connection
from harness.service import Service
from sandbox.isolation import Isolation

#: The names of the samples without an isolation.
BARE, SYSTEM, COLD, MODERATE_BARE = "bare", "system", "cold", "moderate bare"

#: The names of the samples of an isolation, without the name of the isolation in front.
PACED, BACK_TO_BACK, MODERATE_PACED = "trivial paced", "trivial back to back", "moderate paced"
FILE, PRINT = "file in and out", "print to client"

#: Milliseconds by the name of the sample.
Samples = dict[str, list[float]]

_WARM_UP = 10


class TimedJobs:
    """Runs one job at a time on a kept-alive connection."""

    def __init__(
        self,
        service: Service,
        body: bytes,
        *,
        warm_up: int = _WARM_UP,
        keys: Sequence[str] = (),
    ) -> None:
        """Warm the service up with some jobs.

        Args:
            service: The service.
            body: The body of each request to `/execute`.
            warm_up: How many jobs.
            keys: API keys; each request has the next one.
        """
        self._port = service.port
        self._data = cycle(load.make_keyed_requests(body, keys))
        if warm_up:
            self.run(warm_up)

    def run(self, count: int, pause: float = 0.0) -> list[float]:
        """Run some jobs and return the milliseconds of each. Raises AssertionError if a job fails.

        Args:
            count: How many jobs.
            pause: Seconds to wait before each job.
        """
        # A new connection for each call: the API closes a connection that is idle between two calls.
        with Connection(self._port) as connection:
            # Not counted: the time of the first request includes the acceptance of the connection.
            self._time_job(connection)
            times = []
            for _ in range(count):
                time.sleep(pause)
                times.append(self._time_job(connection))
        return times

    def _time_job(self, connection: Connection) -> float:
        data = next(self._data)
        began = time.perf_counter()
        answer = connection.exchange(data)
        took = (time.perf_counter() - began) * 1000
        assert answer.status == 200, answer.text
        return took


def measure(starts: Starts, services: Mapping[Isolation, Service], plan: Plan) -> Samples:
    """Measure in rounds, each in a random order."""
    tasks: dict[str, Callable[[], list[float]]] = {
        BARE: lambda: [time_start(starts.bare) for _ in range(plan.bare)],
        COLD: lambda: [time_start(starts.cold) for _ in range(plan.cold)],
        MODERATE_BARE: lambda: [time_start(starts.moderate) for _ in range(plan.moderate)],
    }
    if system := starts.system:
        tasks[SYSTEM] = lambda: [time_start(system) for _ in range(plan.bare)]
    trivial, moderate = make_body(TRIVIAL), make_body(MODERATE)
    for isolation, service in services.items():
        tasks[f"{isolation} {PACED}"] = _prepare(service, trivial, plan.paced, plan.pause)
        tasks[f"{isolation} {BACK_TO_BACK}"] = _prepare(service, trivial, plan.back_to_back, 0)
        tasks[f"{isolation} {MODERATE_PACED}"] = _prepare(service, moderate, plan.moderate, plan.pause)
        tasks[f"{isolation} {FILE}"] = partial(file_jobs.run, service, plan.file_jobs, plan.pause)
        tasks[f"{isolation} {PRINT}"] = partial(prints.run, service, plan.prints)
    samples: Samples = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(plan.rounds):
        for name in random.sample(list(tasks), len(tasks)):
            samples[name] += tasks[name]()
    return samples


def _prepare(service: Service, body: bytes, count: int, pause: float) -> Callable[[], list[float]]:
    jobs = TimedJobs(service, body)
    return lambda: jobs.run(count, pause)
