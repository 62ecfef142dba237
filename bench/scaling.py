"""Three workers beside one, by CPU accounting.

Two services run at the same time: one with one worker and one API process, one with three of each. Each
round takes jobs of both. On a machine with fewer cores than processes the rates say little, so the capacity
is computed from CPU time: what a job takes of each part, and how many of that part there are. Redis is one.
"""

import random
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from statistics import fmean as mean
from typing import Any, Final

from bench import cost
from bench.plan import SETTINGS, Plan
from harness.components import Component
from harness.service import Service, run_parts
from harness.together import enter_together

#: The number of workers in each service, and of API processes beside them.
ONE: Final = 1
MANY: Final = 3

#: Jobs that each worker runs at once.
_WORKERS: Final = 2

#: Connections that send jobs at once: more than all workers run.
_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Scaling:
    """CPU milliseconds of one job, by the number of workers and by part.

    Attributes:
        cpu: The CPU time.
    """

    cpu: dict[int, dict[Component, float]]

    def jobs_per_cpu_second(self, workers: int, *components: Component) -> float:
        """Return how many jobs some parts can serve with one CPU second."""
        return 1000 / sum(self.cpu[workers][component] for component in components)

    def limits(self, workers: int) -> dict[str, float]:
        """Return the jobs per second that each part could serve with a CPU for each of its processes."""
        in_worker = (Component.WORKER, Component.POOL, Component.SANDBOX)
        return {
            "API": workers * self.jobs_per_cpu_second(workers, Component.API),
            "workers": workers * _WORKERS * self.jobs_per_cpu_second(workers, *in_worker),
            "Redis": self.jobs_per_cpu_second(workers, Component.REDIS),
        }

    def capacity(self, workers: int) -> float:
        """Return the jobs per second of the part that can serve the fewest."""
        return min(self.limits(workers).values())

    @property
    def capacity_over_one(self) -> float:
        """The capacity with three workers over that with one."""
        return self.capacity(MANY) / self.capacity(ONE)

    def jobs_over_one(self, *components: Component) -> float:
        """Return the jobs per CPU second of some parts with three workers over those with one."""
        return self.jobs_per_cpu_second(MANY, *components) / self.jobs_per_cpu_second(ONE, *components)

    def summarize(self) -> dict[str, Any]:
        """Return all figures as a JSON value."""
        return {
            **asdict(self),
            "limits": {workers: self.limits(workers) for workers in self.cpu},
            "capacity_over_one": self.capacity_over_one,
        }


def measure_scaling(plan: Plan) -> Scaling:
    """Measure in rounds, each in a random order."""
    found: dict[int, list[cost.JobCpu]] = {ONE: [], MANY: []}
    services = {workers: _run(workers) for workers in found}
    with enter_together(services) as entered:
        for service in entered.values():
            cost.measure_job_cpu(service, _AT_ONCE, plan.scaling_jobs)
        for _ in range(plan.scaling_rounds):
            for workers in random.sample(list(found), len(found)):
                found[workers].append(cost.measure_job_cpu(entered[workers], _AT_ONCE, plan.scaling_jobs))
    return Scaling(
        {
            workers: {component: mean(one.components[component] for one in some) for component in Component}
            for workers, some in found.items()
        }
    )


def _run(workers: int) -> AbstractContextManager[Service]:
    """Run a service with this number of workers and of API processes."""
    settings = {**SETTINGS, "API_PROCESSES": str(workers), "WORKERS": str(_WORKERS)}
    return run_parts(workers=workers, durable=False, **settings)
