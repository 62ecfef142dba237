"""The rules that say where a worker makes the cgroups of its jails. They change nothing on the host.

On version 1 they are made below the worker's own cgroup. Version 2 enables controllers only for the children
of a cgroup that holds no process, so some process has to move. A cgroup that belongs to another program is
never changed, and a cgroup with limits of its own is never left: that would escape the operator's limits.

    the worker's cgroup belongs to it    OWN     its processes move to a leaf, jails are beside the leaf
    it is in a scope or login session    SCOPE   systemd makes a scope for the worker, then as above
    root, on a host without systemd      ROOT    jails are below the root of the tree, no process moves
    else                                 NONE    with the command that would help

Sources: systemd's CGROUP_DELEGATION.md and org.freedesktop.systemd1(5), the kernel's
admin-guide/cgroup-v2.rst ("No Internal Process Constraint", "Delegation").
"""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sandbox.jail.hierarchy import CONTROLLERS_V2, PREFIX, PROCS, Hierarchy, detect, of_process

_SYSTEMD: Final = Path("/run/systemd/system")

#: systemd sets one of these on a cgroup that it has delegated. Only root can read the other name.
_DELEGATED: Final = ("user.delegate", "trusted.delegate")

#: The limits that a cgroup may have, and the start of the text that means none.
_LIMITS: Final = ("memory.max", "memory.high", "memory.swap.max", "cpu.max")
_NO_LIMIT: Final = "max"


class Place(StrEnum):
    """Where the cgroups of jails are made."""

    OWN = "own"
    SCOPE = "scope"
    ROOT = "root"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides the place. All but the version are facts about version 2.

    Attributes:
        version: The cgroup version, 1 or 2.
        path: The path of the process's cgroup as the kernel names it; the parent, if it is in our leaf.
        missing: The controllers of jails that are missing there, as version 1 names them.
        kernel_missing: Those that are missing in the root of the tree too, so that no setting adds them.
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
    def slice(self) -> str:
        """The slice in which a new scope has the limits that hold for this process, or "" for the usual one.

        The system's manager knows the slices above the user's manager, the user's manager those below it.
        """
        parts = self.path.split("/")
        manager = next((number for number, part in enumerate(parts) if part.startswith("user@")), len(parts))
        parts = parts[:manager] if self.uid == 0 else parts[manager + 1 :]
        return next((part for part in reversed(parts) if part.endswith(".slice")), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """The place, and why.

    Attributes:
        place: Where the cgroups of jails are made.
        reason: What the worker does, or why there is no place.
        remedy: What the operator can do about it; "" if there is a place.
    """

    place: Place
    reason: str
    remedy: str = ""


def choose(facts: Facts) -> Plan:
    """Apply the rules."""
    if facts.version == 1:
        if facts.missing:
            return _none(f"cgroup v1 has no controller for {', '.join(facts.missing)} here", "mount it")
        return Plan(Place.OWN, "cgroups of jails are made below the worker's own")
    if facts.kernel_missing:
        return _none(
            f"the kernel has no cgroup controller for {', '.join(facts.kernel_missing)}",
            "remove cgroup_disable= from the kernel's command line, or add cgroup_enable=memory",
        )
    if owner := _owner(facts):
        return _own(facts, owner)
    if facts.systemd:
        return _beside_systemd(facts)
    if facts.uid == 0 and facts.sees_root:
        if facts.limited_above:
            return _none(
                f"the cgroup {facts.path} has limits, which jails elsewhere would escape",
                "start the worker in a cgroup without limits",
            )
        if facts.writable:
            return Plan(Place.ROOT, "cgroups of jails are made below the root of the tree")
    if not facts.writable:
        return _none(*_READ_ONLY)
    return _none(
        f"the cgroup {facts.path} does not belong to the worker",
        "start the worker as root, or in a container",
    )


_READ_ONLY: Final = (
    "the worker may not write to its cgroup",
    "start the container with --privileged, or with --security-opt writable-cgroups=true (Docker 28)",
)


def _owner(facts: Facts) -> str:
    """Return why the process's own cgroup belongs to it; "" if it does not."""
    if facts.is_root:
        return ""
    if facts.holds_init:
        return "the container's own cgroup"
    if facts.unit.startswith(PREFIX) and facts.unit.endswith(".scope"):
        return f"{facts.unit}, made for the worker"
    if facts.delegated:
        return f"{facts.unit or facts.path}, which systemd has delegated"
    if facts.uid and facts.alone:
        return f"{facts.unit or facts.path}, which belongs to the user and holds no other process"
    return ""


def _own(facts: Facts, owner: str) -> Plan:
    if facts.missing:
        return _none(
            f"cgroup v2 has no controller for {', '.join(facts.missing)} in {owner}",
            _controllers_remedy(facts),
        )
    if not facts.writable:
        return _none(*_READ_ONLY)
    return Plan(Place.OWN, f"cgroups of jails are made below {owner}")


def _controllers_remedy(facts: Facts) -> str:
    if "/user@" in facts.path:
        return (
            "as root, add Delegate=yes to section [Service] of user@.service: systemctl edit user@.service; "
            "then log in again"
        )
    if facts.unit:
        return f"set Delegate=cpu memory pids for {facts.unit}"
    return "enable them in cgroup.subtree_control of the cgroups above"


def _beside_systemd(facts: Facts) -> Plan:
    scope = "systemd-run --scope" if facts.uid == 0 else "systemd-run --user --scope"
    again = f"{scope} -p Delegate=yes --unit={PREFIX}1 COMMAND"
    if facts.unit.endswith(".service") and not facts.unit.startswith("user@"):
        return _none(
            f"{facts.unit} does not delegate its cgroup",
            f"add Delegate=yes to its section [Service]: systemctl edit {facts.unit}",
        )
    if facts.limited:
        return _none(f"{facts.unit or facts.path} has limits, which jails elsewhere would escape", again)
    if facts.uid and not facts.user_manager:
        return _none(
            f"no systemd manager runs for user {facts.uid}", f"as root: loginctl enable-linger {facts.uid}"
        )
    manager = "systemd" if facts.uid == 0 else "the user's systemd"
    return Plan(Place.SCOPE, f"{manager} makes a scope for the worker", again)


def _none(reason: str, remedy: str) -> Plan:
    return Plan(Place.NONE, reason, remedy)


def observe() -> Facts:
    """Read the facts about this process. Raises OSError."""
    own = detect()
    if own.version == 1:
        return Facts(1, missing=tuple(own.missing), uid=os.geteuid())
    folder, top = _folder(own), own.top
    is_root = not (folder / "cgroup.type").exists()
    sees_root = not (top / "cgroup.type").exists()
    above = [folder, *folder.parents][: len(folder.relative_to(top).parts) + 1]
    return Facts(
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
