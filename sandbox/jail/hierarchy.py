"""Find the worker's cgroup on this host, and prepare it for the cgroups of jails.

Version 1 has one tree per controller, version 2 one tree for all controllers.
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

#: The controllers that limit and measure a jail, as version 1 names them.
CONTROLLERS: Final = ("memory", "pids", "cpuacct", "cpu")

#: The same in version 2, which measures CPU time without a controller.
_CONTROLLERS_V2: Final = frozenset({"memory", "pids", "cpu"})

PROCS: Final = "cgroup.procs"
_SUBTREE: Final = "cgroup.subtree_control"

#: The cgroup that the worker moves its own processes to, and the number of tries. Between tries a new process
#: may have entered the worker's first cgroup, such as the health check of a container.
_LEAF: Final = "python-executor-worker"
_TRIES: Final = 5

#: Seconds that killed processes may take to leave their cgroups.
REMOVE_TIMEOUT: Final = 2.0


def instance_name(instance_id: str) -> str:
    """Return the name of the cgroups that hold all jails of one worker."""
    return f"python-executor-{instance_id}"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The cgroup of this process. The process may make other cgroups below it.

    Attributes:
        version: The cgroup version, 1 or 2.
        folders: The folder of the cgroup by controller.
        container: Whether the cgroup is the first one of a container, so that the container owns every
            process in it.
    """

    version: int
    folders: Mapping[str, Path]
    container: bool = False

    def delegate(self) -> None:
        """Enable the controllers for cgroups below this process's own. Raises OSError.

        Version 2 enables controllers only for the children of a cgroup that holds no process. So this process
        first moves to a child cgroup of its own. In a container, every other process moves with it, the init
        included. Version 1 has no such rule.
        """
        if self.version == 1 or not self.folders:
            return
        (own,) = self.unique_folders
        if not _CONTROLLERS_V2 - set((own / _SUBTREE).read_text().split()):
            return
        leaf = own / _LEAF
        leaf.mkdir(exist_ok=True)
        for left in reversed(range(_TRIES)):
            for pid in ["0", *((own / PROCS).read_text().split() if self.container else ())]:
                # The process may have ended. In the kernel's list, 0 stands for a process outside the PID
                # namespace.
                with contextlib.suppress(ProcessLookupError):
                    (leaf / PROCS).write_text(pid)
            try:
                enable_controllers(own)
            except OSError as error:
                if error.errno != errno.EBUSY or not left:
                    raise
            else:
                break

    @property
    def unique_folders(self) -> list[Path]:
        """The folders, each once. Controllers may share one."""
        return list(dict.fromkeys(self.folders.values()))


def detect(mountinfo: str | None = None, own: str | None = None) -> Hierarchy:
    """Find the cgroup of this process.

    Args:
        mountinfo: The text of /proc/self/mountinfo; None reads it.
        own: The text of /proc/self/cgroup; None reads it.
    """
    mountinfo = Path("/proc/self/mountinfo").read_text() if mountinfo is None else mountinfo
    own = Path("/proc/self/cgroup").read_text() if own is None else own
    paths: dict[str, str] = {}
    for line in own.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            # A worker that has moved itself to the leaf still makes cgroups in the parent of the leaf.
            paths[controller] = path.removesuffix(f"/{_LEAF}") or "/"
    folders: dict[str, Path] = {}
    unified: Path | None = None
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
            unified = _folder_of(Path(mount), root, paths.get("", "/"))
    if not folders and unified is not None:
        # The first cgroup of a cgroup namespace is its "/". The first cgroup of the host has no cgroup.type.
        container = paths.get("") == "/" and (unified / "cgroup.type").exists()
        return Hierarchy(2, _controllers_v2(unified), container)
    return Hierarchy(1, folders)


def _writable(mount: str) -> bool:
    return "rw" in mount.split()[5].split(",")


def _controllers_v2(folder: Path) -> dict[str, Path]:
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
    (folder / _SUBTREE).write_text(" ".join(f"+{name}" for name in sorted(_CONTROLLERS_V2)))


def remove(instance: str) -> None:
    """Remove the cgroups of the worker `instance`, and kill the processes left in them."""
    for folder in detect().unique_folders:
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
        for pid in (folder / PROCS).read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
