"""The memory of an idle service."""

import time
from dataclasses import dataclass

from bench import load
from bench.percentiles import median
from bench.scripts import TRIVIAL, make_body
from harness.components import Component, find_processes
from harness.service import Service

_MB = 1024 * 1024

_WARM_UP = 64

_SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory in MB.

    Attributes:
        resident: Proportional set size (PSS) by component: each shared page is divided among its users.
        child: Private memory (USS) of a process that waits for a job; the median of all such processes.
    """

    resident: dict[Component, float]
    child: float

    @property
    def total(self) -> float:
        """The memory of everything that `make run` starts."""
        return sum(self.resident.values())


def measure_idle(service: Service) -> Memory:
    """Run a few jobs, so that every sandbox exists, then measure the idle service."""
    load.run(load.Order(service.port, 8, make_body(TRIVIAL).decode(), jobs=_WARM_UP))
    # After an answer, the worker removes the job's namespaces and prepares the next namespaces.
    time.sleep(_SETTLE_SECONDS)
    now = find_processes(service)
    return Memory(
        {
            component: sum(process.memory_full_info().pss for process in some) / _MB
            for component, some in now.by_component.items()
        },
        median([process.memory_full_info().uss for process in now.waiting_runners()]) / _MB,
    )
