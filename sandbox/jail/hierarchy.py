"""The trees of cgroups on this host, and the cgroup of a process in them.

Version 1 has one tree per controller, version 2 one tree for all controllers.
Sources: the kernel's admin-guide/cgroup-v1/cgroups.rst and admin-guide/cgroup-v2.rst.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The controllers that limit and measure a jail, as version 1 names them.
CONTROLLERS: Final = ("memory", "pids", "cpuacct", "cpu")

#: The same in version 2, which measures CPU time without a controller.
CONTROLLERS_V2: Final = frozenset({"memory", "pids", "cpu"})

PROCS: Final = "cgroup.procs"
SUBTREE: Final = "cgroup.subtree_control"

#: The start of the names of everything that a worker makes on the host: cgroups, scopes of systemd, folders.
PREFIX: Final = "python-executor-"

#: The cgroup that the worker moves its processes to. The cgroups of jails are made beside it.
LEAF: Final = f"{PREFIX}worker"

#: Seconds that killed processes may take to leave their cgroups.
REMOVE_TIMEOUT: Final = 2.0


def instance_name(instance_id: str) -> str:
    """Return the name of the cgroups that hold all jails of one worker."""
    return f"{PREFIX}{instance_id}"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The cgroup of a process, or another one below which the worker makes the cgroups of jails.

    Attributes:
        version: The cgroup version, 1 or 2.
        folders: The folder of the cgroup by controller. Version 2 has one folder for all.
        path: The path of the cgroup as the kernel names it. Version 2 only.
        top: The mount point of the tree. Version 2 only.
    """

    version: int
    folders: Mapping[str, Path]
    path: str = "/"
    top: Path = Path("/sys/fs/cgroup")

    @property
    def unique_folders(self) -> list[Path]:
        """The folders, each once. Controllers may share one."""
        return list(dict.fromkeys(self.folders.values()))

    @property
    def missing(self) -> list[str]:
        """The controllers that limit jails and are missing here."""
        return sorted(set(CONTROLLERS) - set(self.folders))


def of_process(pid: int) -> Hierarchy:
    """Find the cgroup of another process of this host. Raises OSError."""
    return detect(own=Path(f"/proc/{pid}/cgroup").read_text())


def detect(mountinfo: str | None = None, own: str | None = None) -> Hierarchy:
    """Find the cgroup of a process, or the parent of its leaf.

    Args:
        mountinfo: The text of /proc/self/mountinfo; None reads it.
        own: The text of /proc/PID/cgroup; None reads that of this process.
    """
    mountinfo = Path("/proc/self/mountinfo").read_text() if mountinfo is None else mountinfo
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    paths: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            # A worker that has moved itself to the leaf still makes cgroups in the parent of the leaf.
            paths[controller] = path.removesuffix(f"/{LEAF}") or "/"
    folders: dict[str, Path] = {}
    unified: tuple[Path, Path] | None = None
    # If one tree is mounted twice, the writable mount wins. In a container this is the mount that the
    # operator added; the container may only read the mount of its own cgroup.
    for line in sorted(mountinfo.splitlines(), key=_writable):
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(maxsplit=2)
        if kind == "cgroup":
            for controller in set(options.split(",")) & set(CONTROLLERS) & set(paths):
                folders[controller] = _folder_of(Path(mount), root, paths[controller])
        elif kind == "cgroup2":
            unified = _folder_of(Path(mount), root, paths.get("", "/")), Path(mount)
    if not folders and unified is not None:
        folder, top = unified
        return Hierarchy(2, controllers_v2(folder), paths.get("", "/"), top)
    return Hierarchy(1, folders)


def _writable(mount: str) -> bool:
    return "rw" in mount.split()[5].split(",")


def controllers_v2(folder: Path) -> dict[str, Path]:
    """Return the folder by controller, for the controllers that version 2 has in it."""
    try:
        available = set((folder / "cgroup.controllers").read_text().split())
    except OSError:
        available = set()
    # cpu.stat, the CPU clock, exists without the controller.
    return {name: folder for name in CONTROLLERS if name in available or name == "cpuacct"}


def _folder_of(mount: Path, root: str, path: str) -> Path:
    """Return the folder of cgroup `path` under a mount of the hierarchy below `root`."""
    if root != "/" and path.startswith(root):
        path = path[len(root) :]
    folder = mount / path.lstrip("/")
    # In a container the path may be a path of the host. Then the mount itself is the worker's cgroup.
    return folder if folder.is_dir() else mount


def enable_controllers(folder: Path) -> None:
    """Enable the controllers of jails for the children of a cgroup."""
    (folder / SUBTREE).write_text(" ".join(f"+{name}" for name in sorted(CONTROLLERS_V2)))


def remove(parent: Hierarchy, instance: str) -> None:
    """Remove the cgroups of the worker `instance` below `parent`, and kill the processes left in them."""
    for folder in parent.unique_folders:
        if (folder / instance).is_dir():
            with contextlib.suppress(OSError):
                remove_tree(folder / instance, time.monotonic() + REMOVE_TIMEOUT)


def remove_tree(folder: Path, deadline: float) -> None:
    """Remove a cgroup and the cgroups below it; kill their processes and wait for them to leave.

    Args:
        folder: The cgroup.
        deadline: The time of the monotonic clock until which to wait.

    Raises:
        OSError: A process has not left by then.
    """
    for cgroup in _deepest_first(folder):
        while True:
            try:
                cgroup.rmdir()
            except FileNotFoundError:
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                _kill_all(cgroup)
                # Poll until the last process has left the cgroup.
                time.sleep(0.002)
            else:
                break


def _deepest_first(folder: Path) -> Iterator[Path]:
    for path, _, _ in os.walk(folder, topdown=False):
        yield Path(path)


def _kill_all(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for pid in map(int, (folder / PROCS).read_text().split()):
            # 0 stands for a process outside the PID namespace; for kill() it is the caller's own group.
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
