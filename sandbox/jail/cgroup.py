"""The cgroup of a jail: limits on its memory and processes, and what it used.

Version 1 has a tree per controller, version 2 one for all. The process that becomes nsjail joins
before it executes it, so that nothing of a jail was ever outside.
Sources: the kernel's admin-guide/cgroup-v1/memory.rst and admin-guide/cgroup-v2.rst.
"""

import contextlib
import errno
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.limits import MB

_log = logging.getLogger(__name__)

#: The controllers a jail is put under, as version 1 names them.
WANTED: Final = ("memory", "pids", "cpuacct", "cpu")

#: The same in version 2, where CPU time is counted without a controller.
_CONTROLLERS_V2: Final = frozenset({"memory", "pids", "cpu"})

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

_PROCS: Final = "cgroup.procs"
_SUBTREE: Final = "cgroup.subtree_control"

#: Where a worker goes that must make room in its own cgroup, and how often it tries: meanwhile a process may
#: have come into it, such as a container's check of its health.
_LEAF: Final = "python-executor-worker"
_TRIES: Final = 5

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

_REMOVE_WITHIN: Final = 2.0


def instance_name(instance_id: str) -> str:
    """Return the name of the cgroups that hold all jails of one worker."""
    return f"python-executor-{instance_id}"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where this process may make cgroups: its own cgroup's folder by controller.

    container: whether that is the first of a container, so that every process in it is the container's.
    """

    version: int
    folders: Mapping[str, Path]
    container: bool = False

    def delegate(self) -> None:
        """Make room for cgroups with controllers below this process's own. Raises OSError.

        Version 2 gives controllers only to the children of a cgroup without processes: this process
        moves to a leaf of its own first, in a container with the init it has there and whatever else
        runs in it. Version 1 knows no such rule.
        """
        if self.version == 1 or not self.folders:
            return
        (own,) = self.places
        if not _CONTROLLERS_V2 - set((own / _SUBTREE).read_text().split()):
            return
        leaf = own / _LEAF
        leaf.mkdir(exist_ok=True)
        for left in reversed(range(_TRIES)):
            for pid in ["0", *((own / _PROCS).read_text().split() if self.container else ())]:
                # It may have ended; and 0 in the kernel's list is a process from outside, not this one.
                with contextlib.suppress(ProcessLookupError):
                    (leaf / _PROCS).write_text(pid)
            try:
                _enable(own)
            except OSError as error:
                if error.errno != errno.EBUSY or not left:
                    raise
            else:
                break

    @property
    def places(self) -> list[Path]:
        """The folders, each once (controllers may share one)."""
        return list(dict.fromkeys(self.folders.values()))


def detect(mountinfo: str | None = None, own: str | None = None) -> Hierarchy:
    """Find the cgroups of this process.

    mountinfo, own: the texts of /proc/self/mountinfo and /proc/self/cgroup (read if not given).
    """
    mountinfo = Path("/proc/self/mountinfo").read_text() if mountinfo is None else mountinfo
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    paths: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            # A worker that has made room is still to find where.
            paths[controller] = path.removesuffix(f"/{_LEAF}") or "/"
    folders: dict[str, Path] = {}
    unified: Path | None = None
    # Of two mounts of one tree the one that may be written counts: in a container that is what it was given
    # besides its own cgroup, which it may only read.
    for line in sorted(mountinfo.splitlines(), key=_writable):
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(maxsplit=2)
        if kind == "cgroup":
            for controller in set(options.split(",")) & set(WANTED) & set(paths):
                folders[controller] = _inside(Path(mount), root, paths[controller])
        elif kind == "cgroup2":
            unified = _inside(Path(mount), root, paths.get("", "/"))
    if not folders and unified is not None:
        # The first cgroup of a namespace is its "/"; the machine's own has no type.
        container = paths.get("") == "/" and (unified / "cgroup.type").exists()
        return Hierarchy(2, _controllers_v2(unified), container)
    return Hierarchy(1, folders)


def _writable(mount: str) -> bool:
    return "rw" in mount.split()[5].split(",")


def _controllers_v2(folder: Path) -> dict[str, Path]:
    try:
        given = set((folder / "cgroup.controllers").read_text().split())
    except OSError:
        given = set()
    # cpu.stat, the CPU clock, is there without the controller.
    return {name: folder for name in WANTED if name in given or name == "cpuacct"}


def _inside(mount: Path, root: str, path: str) -> Path:
    """Return the folder of cgroup `path` under a mount that shows the hierarchy from `root` on."""
    if root != "/" and path.startswith(root):
        path = path[len(root) :]
    folder = mount / path.lstrip("/")
    # In a container the path may be the host's; what is mounted then is our own cgroup.
    return folder if folder.is_dir() else mount


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
                _enable(place.parent)
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
        return [place / _PROCS for place in self._places]

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
                _remove_tree(place)
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


def remove(instance: str) -> None:
    """Remove the cgroups of the worker `instance`, and kill what is left in them."""
    for place in detect().places:
        if (place / instance).is_dir():
            with contextlib.suppress(OSError):
                _remove_tree(place / instance)


def _remove_tree(folder: Path) -> None:
    """Remove a cgroup and those below it; wait for processes that are still going."""
    ends = time.monotonic() + _REMOVE_WITHIN
    for place in _deepest_first(folder):
        while True:
            try:
                place.rmdir()
            except FileNotFoundError:
                break
            except OSError:
                if time.monotonic() > ends:
                    raise
                _kill_all(place)
                # The kernel tells nobody when the last process of a cgroup is gone.
                time.sleep(0.002)
            else:
                break


def _deepest_first(folder: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(folder, topdown=False):
        yield Path(path)


def _kill_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in (folder / _PROCS).read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def _enable(folder: Path) -> None:
    """Give the children of a cgroup the controllers a jail is put under."""
    (folder / _SUBTREE).write_text(" ".join(f"+{name}" for name in sorted(_CONTROLLERS_V2)))


def _keyed(text: bytes) -> dict[str, int]:
    return {key: int(value) for key, value in (line.split() for line in text.decode().splitlines())}
