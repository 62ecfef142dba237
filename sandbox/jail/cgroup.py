"""The cgroup of a jail: limits on its memory and processes, and what it used.

The process that becomes nsjail joins before it executes it, so that nothing of a jail was ever outside.
Sources: the kernel's admin-guide/cgroup-v1/memory.rst and admin-guide/cgroup-v2.rst.
"""

import contextlib
import logging
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.limits import MB
from sandbox.jail.hierarchy import PROCS, Hierarchy, give_controllers, remove_tree

_log = logging.getLogger(__name__)

#: The files used, with their controllers, by version.
_FILES: Final[tuple[dict[str, tuple[str, str]], ...]] = (
    {
        "processes": ("pids", "pids.max"),
        "memory": ("memory", "memory.limit_in_bytes"),
        "swap": ("memory", "memory.memsw.limit_in_bytes"),
        "usage": ("memory", "memory.usage_in_bytes"),
        "peak": ("memory", "memory.max_usage_in_bytes"),
        "kills": ("memory", "memory.oom_control"),
        "reclaim": ("memory", "memory.force_empty"),
        "period": ("cpu", "cpu.cfs_period_us"),
        "quota": ("cpu", "cpu.cfs_quota_us"),
        "clock": ("cpuacct", "cpuacct.usage"),
    },
    {
        "processes": ("pids", "pids.max"),
        "memory": ("memory", "memory.max"),
        "swap": ("memory", "memory.swap.max"),
        "usage": ("memory", "memory.current"),
        "peak": ("memory", "memory.peak"),
        "kills": ("memory", "memory.events"),
        "reclaim": ("memory", "memory.reclaim"),
        "quota": ("cpu", "cpu.max"),
        "clock": ("cpuacct", "cpu.stat"),
    },
)

#: The period that a CPU quota is given in, in microseconds.
_PERIOD: Final = 100_000

#: What an interpreter counts for in a job's memory. What it really takes cannot be told: in a slot
#: most of its pages are shared with the zygote.
INTERPRETER_BYTES: Final = 8 * MB

#: Version 1's way to say that there is no limit, as a number.
_UNLIMITED: Final = sys.maxsize & ~0xFFF

#: More than making a place takes.
_PLACE_BYTES: Final = 16 * MB

#: Seconds the kernel may take to free a job's memory, and bytes that are not worth waiting for.
_FREE_WITHIN: Final = 0.1
_SLACK: Final = 2 * MB

#: What makes the kernel reclaim what a cgroup does not need, and what sets its peak back, by version.
_RECLAIM: Final = ("0", str(64 * MB))
_RESET: Final = ("0", "reset")


@dataclass(frozen=True, slots=True)
class Before:
    """How a cgroup stood when a job began: bytes in use while idle, processes killed for want of memory.

    limit: the bytes that the job may use.
    """

    idle: int
    killed: int
    limit: int


class Cgroup:
    """The cgroup of one jail; made at once, removed by `close`."""

    def __init__(self, hierarchy: Hierarchy, instance: str, name: str) -> None:
        """Make the cgroup `name` under that of the worker `instance`. Raises OSError."""
        self._version = hierarchy.version
        folders = {key: place / instance / name for key, place in hierarchy.folders.items()}
        self._places = list(dict.fromkeys(folders.values()))
        self._idle_bytes = 0
        self.grown = False
        for place in self._places:
            place.mkdir(parents=True, exist_ok=True)
            if hierarchy.version == 2:
                give_controllers(place.parent)
        names = _FILES[hierarchy.version - 1]
        self._files = {what: _File(folders[controller] / name) for what, (controller, name) in names.items()}

    def begin(self, *, memory_bytes: int, processes: int, cpus: float) -> "Before":
        """Set the limits of a job that begins now, and return how things stand.

        memory_bytes: what the job may use, its interpreter counted as `INTERPRETER_BYTES`.
        cpus: how many CPUs may be kept busy. Raises OSError.
        """
        before = Before(self._idle(), self._killed(), memory_bytes)
        # Whole megabytes: a limit that stays the same need not be written again.
        limit = -(-(before.idle - INTERPRETER_BYTES + memory_bytes) // MB) * MB
        self._files["processes"].write(str(processes))
        self._limit_memory(limit)
        # Older kernels have no peak, or none that can be set back.
        with contextlib.suppress(OSError):
            self._files["peak"].write(_RESET[self._version - 1], always=True)
        quota = int(cpus * _PERIOD)
        if self._version == 1:
            self._files["period"].write(str(_PERIOD))
            self._files["quota"].write(str(quota))
        else:
            self._files["quota"].write(f"{quota} {_PERIOD}")
        return before

    def end(self, before: "Before", peak: int | None) -> None:
        """Lift the memory limit of a job that came near it: the next place is made ready while it is freed.

        peak: the most bytes that the job had in use.
        """
        if peak is None or peak + _PLACE_BYTES > before.limit:
            self._limit_memory(None)

    def join_files(self) -> list[Path]:
        """Return the files to which a process writes 0 to join."""
        return [place / PROCS for place in self._places]

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far."""
        clock = self._files["clock"].read()
        return int(clock) / 1e9 if self._version == 1 else _keyed(clock)["usage_usec"] / 1e6

    def memory_peak(self, before: "Before") -> int | None:
        """Return the most bytes in use at once since `before`, beyond those; None where nothing tells."""
        try:
            return max(0, int(self._files["peak"].read()) - before.idle + INTERPRETER_BYTES)
        except OSError:
            return None

    def out_of_memory(self, before: "Before") -> bool:
        """Say whether the kernel has killed a process for the memory limit since `before`."""
        return self._killed() > before.killed

    def unthrottle(self) -> None:
        """Lift the CPU quota: whoever is to end the job must not compete with it for time."""
        with contextlib.suppress(OSError):
            self._files["quota"].write("-1" if self._version == 1 else "max")

    def close(self) -> None:
        """Kill what is left in the cgroup and remove it; what resists goes with the worker's own."""
        for file in self._files.values():
            file.close()
        for place in self._places:
            try:
                remove_tree(place)
            except OSError as error:
                _log.warning("cgroup %s was not removed: %s", place, error)

    def _limit_memory(self, limit: int | None) -> None:
        """Set the limit on memory, and on memory with swap, which must never be below the first."""
        if self._version == 2:
            self._files["memory"].write("max" if limit is None else str(limit))
            self._files["swap"].write("0")
            return
        value = _UNLIMITED if limit is None else limit
        memory, both = self._files["memory"], self._files["swap"]
        lower = value < int(memory.written or sys.maxsize)
        for file in (memory, both) if lower else (both, memory):
            file.write(str(value))

    def _idle(self) -> int:
        """Return the bytes in use when no job runs, as they were before the first.

        Not as they are now: what the last job left, memory that is still being freed or names in
        the kernel's caches, would be this job's to use. It is reclaimed, and waited for, within
        bounds; a cgroup that has `grown` all the same is not to be used again.
        """
        used = self._used()
        self._idle_bytes = self._idle_bytes or used
        most = self._idle_bytes + _SLACK
        if used > most:
            with contextlib.suppress(OSError):
                self._files["reclaim"].write(_RECLAIM[self._version - 1], always=True)
                self._files["reclaim"].close()
            ends = time.monotonic() + _FREE_WITHIN
            while (used := self._used()) > most and time.monotonic() < ends:
                time.sleep(0.001)
            self.grown = used > most
        return self._idle_bytes

    def _used(self) -> int:
        return int(self._files["usage"].read())

    def _killed(self) -> int:
        return _keyed(self._files["kills"].read()).get("oom_kill", 0)


class _File:
    """A file of a cgroup, opened at its first use and kept open. Without swap accounting there are fewer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = -1
        #: What was written last.
        self.written: str | None = None

    def read(self) -> bytes:
        return os.pread(self._opened(os.O_RDONLY), 4096, 0)

    def write(self, text: str, *, always: bool = False) -> None:
        """Write, unless it is there already or the file is not."""
        if self.written == text and not always:
            return
        with contextlib.suppress(FileNotFoundError):
            os.pwrite(self._opened(os.O_WRONLY), text.encode(), 0)
        self.written = text

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _opened(self, flags: int) -> int:
        if self._fd < 0:
            # To read and to write, where it can be: a peak is set back for the descriptor it is read from.
            try:
                self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            except OSError:
                self._fd = os.open(self._path, flags | os.O_CLOEXEC)
        return self._fd


def _keyed(text: bytes) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in text.decode().splitlines())}
