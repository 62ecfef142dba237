"""Decide when a job has used up its time, by the wall clock and by the CPU clock.

The CPU time that the worker spends on a job counts as the job's: the script decides how much it is.
"""

import os
import time
from collections.abc import Callable
from typing import Final

from jobs.limits import Limits
from sandbox.observation import StopReason

#: The shortest interval between two reads of the CPU clock, in seconds.
_MIN_INTERVAL: Final = 0.01

_CPUS: Final = os.cpu_count() or 1


class Deadline:
    """The wall clock and the CPU clock of one job. Both start when the object is made.

    CPU time grows at most as fast as all CPUs together. So the next read of the CPU clock is due at the
    earliest time at which the job could reach its limit. A few reads for each job are enough.
    """

    def __init__(self, limits: Limits, cpu_clock: Callable[[], float] | None) -> None:
        """Start both clocks.

        Args:
            limits: The limits of the job.
            cpu_clock: Returns the CPU seconds used so far; None if the sandbox has no CPU clock.
        """
        self._limits = limits
        self._cpu_clock = cpu_clock
        self._started = time.monotonic()
        self._cpu_before = cpu_clock() if cpu_clock else 0.0
        self._worker_before = time.thread_time()
        self._next_cpu_read = self._started + limits.cpu / _CPUS

    @property
    def wall(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    @property
    def cpu(self) -> float | None:
        """CPU seconds of the sandbox and the worker since the start, None without a CPU clock."""
        return self._cpu_clock() - self._cpu_before + self.worker_cpu if self._cpu_clock else None

    @property
    def worker_cpu(self) -> float:
        """CPU seconds of this thread since the start."""
        return time.thread_time() - self._worker_before

    def passed(self) -> StopReason | None:
        """Return the limit that the job has reached, None if it has reached no limit."""
        now = time.monotonic()
        if now - self._started >= self._limits.timeout:
            return StopReason.WALL
        if now >= self._next_cpu_read and (used := self.cpu) is not None:
            if used >= self._limits.cpu:
                return StopReason.CPU
            self._next_cpu_read = now + max(_MIN_INTERVAL, (self._limits.cpu - used) / _CPUS)
        return None

    def until_next(self) -> float:
        """Return the seconds until `passed` must be called again."""
        due = self._started + self._limits.timeout
        if self._cpu_clock:
            due = min(due, self._next_cpu_read)
        return due - time.monotonic()
