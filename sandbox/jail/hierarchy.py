"""Where on this machine cgroups are, and how room is made for those of jails, and made again after them.

Version 1 has a tree per controller, version 2 one for all.
Sources: the kernel's admin-guide/cgroup-v1/cgroups.rst and admin-guide/cgroup-v2.rst.
"""

import contextlib
import errno
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The controllers a jail is put under, as version 1 names them.
WANTED: Final = ("memory", "pids", "cpuacct", "cpu")

#: The same in version 2, where CPU time is counted without a controller.
_CONTROLLERS_V2: Final = frozenset({"memory", "pids", "cpu"})

PROCS: Final = "cgroup.procs"
_SUBTREE: Final = "cgroup.subtree_control"

#: Where a worker goes that must make room in its own cgroup, and how often it tries: meanwhile a process may
#: have come into it, such as a container's check of its health.
_LEAF: Final = "python-executor-worker"
_TRIES: Final = 5

#: Seconds that killed processes may take to leave a cgroup.
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
            for pid in ["0", *((own / PROCS).read_text().split() if self.container else ())]:
                # It may have ended; and 0 in the kernel's list is a process from outside, not this one.
                with contextlib.suppress(ProcessLookupError):
                    (leaf / PROCS).write_text(pid)
            try:
                give_controllers(own)
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


def give_controllers(folder: Path) -> None:
    """Give the children of a cgroup the controllers a jail is put under."""
    (folder / _SUBTREE).write_text(" ".join(f"+{name}" for name in sorted(_CONTROLLERS_V2)))


def remove(instance: str) -> None:
    """Remove the cgroups of the worker `instance`, and kill what is left in them."""
    for place in detect().places:
        if (place / instance).is_dir():
            with contextlib.suppress(OSError):
                remove_tree(place / instance)


def remove_tree(folder: Path) -> None:
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
        for pid in (folder / PROCS).read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
