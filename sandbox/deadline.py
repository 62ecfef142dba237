"""When a job has used up its time, by the wall clock and by the CPU clock."""

import os
import time
from collections.abc import Callable
from typing import Final

from jobs.limits import Limits
from sandbox.verdict import Stopped

#: The shortest wait between two looks at the CPU clock, in seconds.
_STEP: Final = 0.01

_CPUS: Final = os.cpu_count() or 1


class Deadline:
    """The two clocks of one job, started now.

    CPU time grows at most as fast as all CPUs together: the next look is due when the limit
    could be reached at the earliest, so a job is looked at a few times and not every moment.
    """

    def __init__(self, limits: Limits, cpu_clock: Callable[[], float] | None) -> None:
        """Start counting. cpu_clock: CPU seconds used so far, None where nothing tells."""
        self._limits = limits
        self._cpu_clock = cpu_clock
        self._started = time.monotonic()
        self._cpu_before = cpu_clock() if cpu_clock else 0.0
        self._look_at_cpu = self._started + limits.cpu / _CPUS

    @property
    def wall(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    @property
    def cpu(self) -> float | None:
        """CPU seconds since the start, None where nothing tells."""
        return self._cpu_clock() - self._cpu_before if self._cpu_clock else None

    def passed(self) -> Stopped | None:
        """Say which limit has been reached, if one has."""
        now = time.monotonic()
        if now - self._started >= self._limits.timeout:
            return Stopped.WALL
        if now >= self._look_at_cpu and (used := self.cpu) is not None:
            if used >= self._limits.cpu:
                return Stopped.CPU
            self._look_at_cpu = now + max(_STEP, (self._limits.cpu - used) / _CPUS)
        return None

    def until_next(self) -> float:
        """Return the seconds until `passed` must be asked again."""
        ends = self._started + self._limits.timeout
        if self._cpu_clock:
            ends = min(ends, self._look_at_cpu)
        return ends - time.monotonic()
