"""One job at a time, among bare starts and cold jails, in rounds."""

import random
import time
from collections.abc import Callable, Mapping

from bench.client import Client
from bench.plan import Plan
from bench.scripts import MODERATE, TRIVIAL, body
from bench.service import Service
from bench.starts import Starts, start
from sandbox.isolation import Isolation

#: The names of the samples that are no isolation's.
BARE, SYSTEM, COLD, MODERATE_BARE = "bare", "system", "cold", "moderate bare"

#: The names of those that are, after the isolation's.
PACED, BACK_TO_BACK, MODERATE_PACED = "trivial paced", "trivial back to back", "moderate paced"

#: Milliseconds by the name of what was measured.
Samples = dict[str, list[float]]

_WARM_UP = 10


def sampled(starts: Starts, services: Mapping[Isolation, Service], plan: Plan) -> Samples:
    """Measure in rounds, each in a random order."""
    tasks: dict[str, Callable[[], list[float]]] = {
        BARE: lambda: [start(starts.bare) for _ in range(plan.bare)],
        COLD: lambda: [start(starts.cold) for _ in range(plan.cold)],
        MODERATE_BARE: lambda: [start(starts.moderate) for _ in range(plan.moderate)],
    }
    if system := starts.system:
        tasks[SYSTEM] = lambda: [start(system) for _ in range(plan.bare)]
    trivial, moderate = body(TRIVIAL), body(MODERATE)
    for isolation, service in services.items():
        tasks[f"{isolation} {PACED}"] = _jobs(service, trivial, plan.paced, plan.pause)
        tasks[f"{isolation} {BACK_TO_BACK}"] = _jobs(service, trivial, plan.back_to_back, 0)
        tasks[f"{isolation} {MODERATE_PACED}"] = _jobs(service, moderate, plan.moderate, plan.pause)
    samples: Samples = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(plan.rounds):
        for name in random.sample(list(tasks), len(tasks)):
            samples[name] += tasks[name]()
    return samples


def _jobs(service: Service, job: bytes, count: int, pause: float) -> Callable[[], list[float]]:
    client = Client(service.port)
    for _ in range(_WARM_UP):
        client.execute(job)

    def some() -> list[float]:
        took = []
        for _ in range(count):
            time.sleep(pause)
            took.append(client.execute(job))
        return took

    return some
