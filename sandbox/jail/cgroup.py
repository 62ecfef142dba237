"""The cgroup of a jail: limits on memory, processes and CPU, and measurements of a job's usage.

The child of the worker joins the cgroup before it executes nsjail, so it holds every process of a jail.
Sources: the kernel's admin-guide/cgroup-v1/memory.rst and admin-guide/cgroup-v2.rst.
"""

import contextlib
import logging
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.limits import MB
from sandbox.jail.cgroup_file import CgroupFile, parse_keyed
from sandbox.jail.hierarchy import PROCS, REMOVE_TIMEOUT, Hierarchy, enable_controllers, remove_tree
from sandbox.jail.page_cache import PageCache
from sandbox.observation import INTERPRETER_BYTES

_log = logging.getLogger(__name__)

#: The files of a cgroup by version: our name for it, its controller and its file name.
_FILES: Final[tuple[dict[str, tuple[str, str]], ...]] = (
    {
        "processes": ("pids", "pids.max"),
        "memory": ("memory", "memory.limit_in_bytes"),
        "swap": ("memory", "memory.memsw.limit_in_bytes"),
        "usage": ("memory", "memory.usage_in_bytes"),
        "peak": ("memory", "memory.max_usage_in_bytes"),
        "breakdown": ("memory", "memory.stat"),
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
        "breakdown": ("memory", "memory.stat"),
        "kills": ("memory", "memory.events"),
        "reclaim": ("memory", "memory.reclaim"),
        "quota": ("cpu", "cpu.max"),
        "clock": ("cpuacct", "cpu.stat"),
    },
)

#: The entry of `kills`, in either version.
_OOM_KILLS: Final = re.compile(rb"^oom_kill (\d+)$", re.MULTILINE)

#: The period of a CPU quota, in microseconds.
_PERIOD: Final = 100_000

#: The CPU weight of all jails of a worker together, by version: half of the kernel's default, so that
#: jobs that compute leave enough for the processes of the worker, and of the service in the same cgroup.
_WEIGHT: Final = (("cpu.shares", "512"), ("cpu.weight", "50"))

#: An upper bound on the memory that the next runner takes to get ready.
_RUNNER_BYTES: Final = 16 * MB

#: Seconds that the kernel may take to free a job's memory, and a number of bytes that is not worth the wait.
_FREE_TIMEOUT: Final = 0.1
_SLACK: Final = 2 * MB

#: By version: the text that makes the kernel reclaim memory, and the text that resets the peak.
_RECLAIM: Final = ("0", str(64 * MB))
_RESET: Final = ("0", "reset")

#: By version: the entry of memory.stat that counts pages of files. It includes files in memory ("shmem").
_FILES_ENTRY: Final = ("cache", "file")


@dataclass(frozen=True, slots=True)
class Before:
    """The state of a cgroup when a job began.

    Attributes:
        used: Bytes in use, page cache left out.
        peak_is_reset: Whether the kernel measures the peak from now on.
        oom_kills: Processes that the kernel had killed at the memory limit.
        limit: Bytes that the job may use.
    """

    used: int
    peak_is_reset: bool
    oom_kills: int
    limit: int


class Cgroup:
    """The cgroup of one jail. The constructor makes it, `close` removes it, `is_gone` removes the rest.

    Attributes:
        grown: Whether memory of earlier jobs is still charged to it, so that no job may use it again.
    """

    def __init__(self, hierarchy: Hierarchy, instance: str, name: str) -> None:
        """Make the cgroup `name` under that of the worker `instance`. Raises OSError."""
        self._version = hierarchy.version
        folders = {key: parent / instance / name for key, parent in hierarchy.folders.items()}
        self._folders = list(dict.fromkeys(folders.values()))
        self._idle_bytes = 0
        self._closed = False
        self.grown = False
        for folder in self._folders:
            folder.mkdir(parents=True, exist_ok=True)
            if hierarchy.version == 2:
                enable_controllers(folder.parent)
        weight_file, weight = _WEIGHT[hierarchy.version - 1]
        # Some kernels have no weights (gVisor). Then jobs and the service have equal shares.
        with contextlib.suppress(OSError):
            (folders["cpu"].parent / weight_file).write_text(weight)
        names = _FILES[hierarchy.version - 1]
        self._files = {
            key: CgroupFile(folders[controller] / name) for key, (controller, name) in names.items()
        }
        entry = _FILES_ENTRY[hierarchy.version - 1]
        self._cache_at_begin, self._cache_at_end = (
            PageCache(self._files["breakdown"], entry) for _ in range(2)
        )

    def begin(self, *, memory_bytes: int, processes: int, cpus: float) -> "Before":
        """Set the limits of a job that begins now, and return the state before it.

        Args:
            memory_bytes: Memory that the job may use; its interpreter counts as `INTERPRETER_BYTES`.
            processes: Processes and threads that may be alive at once in the jail.
            cpus: CPUs that the job may keep busy.

        Raises:
            OSError: A limit cannot be set.
        """
        used = self._wait_until_freed()
        self._files["processes"].write(str(processes))
        # On top of what is in use now: if the kernel frees memory of the last job later, the job can get up
        # to _SLACK more, but never less.
        self._limit_memory(used - INTERPRETER_BYTES + memory_bytes)
        before = Before(used, self._reset_peak(), self._oom_kills(), memory_bytes)
        quota = int(cpus * _PERIOD)
        if self._version == 1:
            self._files["period"].write(str(_PERIOD))
            self._files["quota"].write(str(quota))
        else:
            self._files["quota"].write(f"{quota} {_PERIOD}")
        return before

    def end(self, before: "Before", peak: int | None) -> None:
        """Raise the memory limit if the job came near it.

        The next runner gets ready in this cgroup and needs memory while the kernel still frees the job's. It
        is raised by no more than that: processes of the job that were killed may not have ended yet.

        Args:
            before: The state when the job began.
            peak: The most bytes that the job had in use.
        """
        if peak is None or peak + _RUNNER_BYTES > before.limit:
            self._limit_memory(before.used - INTERPRETER_BYTES + before.limit + _RUNNER_BYTES)

    def join_files(self) -> list[Path]:
        """Return the files to which a process writes 0 to join the cgroup."""
        return [folder / PROCS for folder in self._folders]

    def cpu_seconds(self) -> float:
        """Return the CPU time used so far."""
        clock = self._files["clock"].read()
        return int(clock) / 1e9 if self._version == 1 else parse_keyed(clock)["usage_usec"] / 1e6

    def memory_peak(self, before: "Before", *, exceeded: bool) -> int | None:
        """Return the most bytes that the job had in use, its interpreter included; None if unknown.

        The kernel's peak includes page cache. Most jobs read the library when they start, so at the peak
        there was as much as there is now. Before the kernel kills a process it drops all of it.

        The figure is not exact: the kernel may have freed up to _SLACK of the last job since `before`, and it
        charges MEMCG_CHARGE_BATCH pages (256 KB) ahead for each CPU.

        Args:
            before: The state when the job began.
            exceeded: Whether the kernel has killed a process at the memory limit.
        """
        if not before.peak_is_reset:
            return None
        try:
            peak = int(self._files["peak"].read())
        except OSError:
            return None
        cache = 0 if exceeded else self._cache_at_end.measure(self._in_use())
        return max(0, peak - cache - before.used) + INTERPRETER_BYTES

    def out_of_memory(self, before: "Before") -> bool:
        """Return whether the kernel has killed a process at the memory limit since `before`."""
        return self._oom_kills() > before.oom_kills

    def unthrottle(self) -> None:
        """Lift the CPU quota, so that the init that kills the job does not share the quota with it."""
        with contextlib.suppress(OSError):
            self._files["quota"].write("-1" if self._version == 1 else "max")

    def close(self, timeout: float = REMOVE_TIMEOUT) -> None:
        """Kill the processes left in the cgroup and remove it, unless they take long to end."""
        for file in self._files.values():
            file.close()
        self._closed = True
        self._remove(time.monotonic() + timeout)
        if self._folders:
            _log.warning("cgroup %s is not removed yet: its processes have not ended", self._folders[0])

    def is_gone(self) -> bool:
        """Return whether the cgroup is closed and removed. Remove what `close` has left, without waiting."""
        if self._closed:
            self._remove(time.monotonic())
        return not self._folders

    def _remove(self, deadline: float) -> None:
        """Remove the folders; keep those that cannot be removed by the deadline."""
        for folder in list(self._folders):
            with contextlib.suppress(OSError):
                remove_tree(folder, deadline)
                self._folders.remove(folder)

    def _limit_memory(self, limit: int) -> None:
        """Set the limit on memory and the limit on memory plus swap, which must never be the lower one."""
        if self._version == 2:
            self._files["memory"].write(str(limit))
            self._files["swap"].write("0")
            return
        memory, both = self._files["memory"], self._files["swap"]
        lower = limit < int(memory.written or sys.maxsize)
        for file in (memory, both) if lower else (both, memory):
            file.write(str(limit))

    def _wait_until_freed(self) -> int:
        """Return the bytes in use while no job runs, page cache left out.

        They may include bytes of the last job: memory that the kernel is still freeing, or file names in the
        kernel's caches. So this method compares them with those before the first job. It makes the kernel
        reclaim what is more than a small part, and waits for a bounded time. If they are still there, the
        cgroup has `grown` and must not be used again.
        """
        used = self._used()
        self._idle_bytes = self._idle_bytes or used
        most = self._idle_bytes + _SLACK
        if used > most:
            with contextlib.suppress(OSError):
                self._files["reclaim"].write(_RECLAIM[self._version - 1], always=True)
                self._files["reclaim"].close()
            ends = time.monotonic() + _FREE_TIMEOUT
            while (used := self._used()) > most and time.monotonic() < ends:
                time.sleep(0.001)
            self.grown = used > most
        return used

    def _used(self) -> int:
        """Return the bytes in use, page cache left out."""
        in_use = self._in_use()
        return max(0, in_use - self._cache_at_begin.measure(in_use))

    def _in_use(self) -> int:
        return int(self._files["usage"].read())

    def _reset_peak(self) -> bool:
        """Let the kernel measure the peak from now on; return False if it cannot.

        Linux before 6.12 cannot reset the peak of version 2: it would be that of an earlier job.
        """
        try:
            self._files["peak"].write(_RESET[self._version - 1], always=True)
        except OSError:
            return False
        return True

    def _oom_kills(self) -> int:
        found = _OOM_KILLS.search(self._files["kills"].read())
        return int(found[1]) if found else 0
