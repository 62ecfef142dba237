"""Facts about the cgroup of this process on version 2. They decide where the cgroups of jails are made."""

import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sandbox.jail.hierarchy import CONTROLLERS_V2, PROCS, Hierarchy, detect, of_process

_SYSTEMD: Final = Path("/run/systemd/system")

#: systemd sets one of these on a cgroup that it has delegated. Only root can read the other name.
_DELEGATED: Final = ("user.delegate", "trusted.delegate")

#: Seconds that systemd may take to answer.
_TIMEOUT: Final = 30.0

#: The limits that a cgroup may have, and the start of the text that means none.
_LIMITS: Final = ("memory.max", "memory.high", "memory.swap.max", "cpu.max")
_NO_LIMIT: Final = "max"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides the place. All but the version are facts about version 2.

    Attributes:
        version: The cgroup version, 1 or 2.
        path: The path of the process's cgroup as the kernel names it; or the parent's, for a worker's leaf.
        missing: The controllers of jails that are missing there, as version 1 names them.
        kernel_missing: The controllers that the root of the tree lacks too, so that no setting can add them.
        uid: The user.
        is_root: Whether the cgroup is the first one of the host.
        sees_root: Whether the mounted tree starts at the first cgroup of the host.
        writable: Whether the process may move processes there.
        holds_init: Whether process 1 is there too: it is the first cgroup of a container.
        delegated: Whether systemd says that it has delegated the cgroup.
        alone: Whether this process is the only one there, and the user owns the folder.
        limited: Whether the cgroup has a limit on memory or CPU.
        limited_above: Whether it or a cgroup above has one.
        systemd: Whether systemd runs.
        user_manager: Whether systemd runs a manager for the user.
    """

    version: int = 2
    path: str = "/"
    missing: tuple[str, ...] = ()
    kernel_missing: tuple[str, ...] = ()
    uid: int = 0
    is_root: bool = False
    sees_root: bool = False
    writable: bool = True
    holds_init: bool = False
    delegated: bool = False
    alone: bool = False
    limited: bool = False
    limited_above: bool = False
    systemd: bool = False
    user_manager: bool = False

    @property
    def unit(self) -> str:
        """The innermost unit of systemd that the process is in, or ""."""
        return next(
            (part for part in reversed(self.path.split("/")) if part.endswith((".service", ".scope"))), ""
        )

    @property
    def is_users_unit(self) -> bool:
        """Whether the unit belongs to the systemd manager of a user."""
        return "/user@" in self.path and not self.unit.startswith("user@")

    @property
    def slice(self) -> str:
        """The slice in which a new scope has the limits that hold for this process, or "" for the usual one.

        The system's manager knows the slices above the user's manager, the user's manager those below it.
        """
        parts = self.path.split("/")
        manager = next((number for number, part in enumerate(parts) if part.startswith("user@")), len(parts))
        parts = parts[:manager] if self.uid == 0 else parts[manager + 1 :]
        return next((part for part in reversed(parts) if part.endswith(".slice")), "")


def observe() -> Facts:
    """Read the facts about this process. Raises OSError."""
    own = detect()
    if own.version == 1:
        return Facts(1, missing=tuple(own.missing), uid=os.geteuid())
    folder, top = _folder(own), own.top
    is_root = not (folder / "cgroup.type").exists()
    sees_root = not (top / "cgroup.type").exists()
    above = [folder, *folder.parents][: len(folder.relative_to(top).parts) + 1]
    facts = Facts(
        2,
        path=own.path,
        missing=tuple(own.missing),
        kernel_missing=_kernel_missing(top) if sees_root else (),
        uid=os.geteuid(),
        is_root=is_root,
        sees_root=sees_root,
        writable=os.access(folder / PROCS, os.W_OK, effective_ids=True),
        holds_init=_holds_init(own),
        delegated=_is_delegated(folder),
        alone=_is_alone(folder),
        limited=_is_limited(folder),
        limited_above=any(map(_is_limited, above)),
        systemd=_SYSTEMD.is_dir(),
        user_manager=user_bus(os.geteuid()).exists(),
    )
    if facts.uid and facts.is_users_unit and not facts.delegated and not facts.missing:
        return replace(facts, delegated=_users_systemd_delegates(facts.unit))
    return facts


def user_bus(uid: int) -> Path:
    """Return the socket at which the programs of a user reach the user's systemd."""
    return Path(f"/run/user/{uid}/bus")


def _folder(own: Hierarchy) -> Path:
    return own.folders["cpuacct"]


def _kernel_missing(top: Path) -> tuple[str, ...]:
    return tuple(sorted(CONTROLLERS_V2 - set((top / "cgroup.controllers").read_text().split())))


def _holds_init(own: Hierarchy) -> bool:
    try:
        return of_process(1).path == own.path
    except OSError:
        return False


def _is_delegated(folder: Path) -> bool:
    for name in _DELEGATED:
        try:
            if os.getxattr(folder, name) == b"1":
                return True
        except OSError:
            pass
    return False


def _users_systemd_delegates(unit: str) -> bool:
    """Return whether the user's systemd has delegated the unit. It sets no attribute."""
    uid = os.geteuid()
    command = ("systemctl", "--user", "show", "--property=Delegate", "--value", unit)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(user_bus(uid).parent)}
    try:
        shown = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return shown.stdout.strip() == b"yes"


def _is_alone(folder: Path) -> bool:
    processes = {*(folder / PROCS).read_text().split()} - {str(os.getpid())}
    return not processes and folder.stat().st_uid == os.geteuid()


def _is_limited(folder: Path) -> bool:
    for name in _LIMITS:
        try:
            if not (folder / name).read_text().startswith(_NO_LIMIT):
                return True
        except OSError:
            pass  # The controller is not enabled here, or this is the root.
    return False
