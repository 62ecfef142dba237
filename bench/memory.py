"""The memory of an idle service."""

import time
from dataclasses import dataclass

from bench import load
from bench.processes import Part, parts
from bench.scripts import TRIVIAL, body
from bench.service import Service
from bench.statistic import median

_MB = 1024 * 1024

_WARM_UP = 64

_SETTLES = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """MB. resident: proportional, pages shared are divided among those who share them.

    child: what only a waiting runner has, the median of those there are.
    """

    resident: dict[Part, float]
    child: float

    @property
    def total(self) -> float:
        """Everything `make run` starts."""
        return sum(self.resident.values())


def idle(service: Service) -> Memory:
    """Measure a service that has had a few jobs, so that every sandbox is there, and has none now."""
    load.run(load.Order(service.port, 8, body(TRIVIAL).decode(), jobs=_WARM_UP))
    # The last job's place is let go and the next one is made ready while nobody waits for it.
    time.sleep(_SETTLES)
    now = parts(service)
    return Memory(
        {
            part: sum(process.memory_full_info().pss for process in some) / _MB
            for part, some in now.by_part.items()
        },
        median([process.memory_full_info().uss for process in now.waiting_runners()]) / _MB,
    )
