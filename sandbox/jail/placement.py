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

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sandbox.jail.hierarchy import PREFIX
from sandbox.jail.surroundings import Facts, observe, user_bus

__all__ = ["Facts", "Place", "Plan", "choose", "observe"]


class Place(StrEnum):
    """Where the cgroups of jails are made."""

    OWN = "own"
    SCOPE = "scope"
    ROOT = "root"
    NONE = "none"


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
    "start the container with --privileged, or with --security-opt writable-cgroups=true (Docker 28) "
    "or unmask=ALL (Podman)",
)


def _owner(facts: Facts) -> str:
    """Return why the process's own cgroup belongs to it; "" if it does not."""
    if facts.is_root:
        return ""
    # In a pod with shareProcessNamespace, process 1 is in another container.
    if facts.holds_init or (facts.path == "/" and not facts.sees_root):
        return "the container's own cgroup"
    if facts.unit.startswith(PREFIX) and facts.unit.endswith(".scope"):
        return f"{facts.unit}, made for the worker"
    if facts.delegated:
        return f"{facts.unit or facts.path}, which systemd has delegated"
    if facts.uid and facts.alone and not facts.missing:
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
    if facts.is_users_unit:
        return (
            "as root, add Delegate=yes to section [Service] of user@.service: systemctl edit user@.service; "
            "then log in again"
        )
    if facts.unit:
        return f"set Delegate=cpu memory pids for {facts.unit}"
    return "enable them in cgroup.subtree_control of the cgroups above"


def _beside_systemd(facts: Facts) -> Plan:
    again = f"systemd-run{' --user' if facts.uid else ''} --scope -p Delegate=yes --unit={PREFIX}1 COMMAND"
    again = f"start it with: {again}"
    if facts.unit.endswith(".service") and not facts.unit.startswith("user@"):
        return _none(
            f"{facts.unit} does not delegate its cgroup",
            "add Delegate=yes to its section [Service]: "
            f"systemctl {'--user ' * facts.is_users_unit}edit {facts.unit}",
        )
    if facts.limited:
        return _none(f"{facts.unit or facts.path} has limits, which jails elsewhere would escape", again)
    if facts.uid and not facts.user_manager:
        return _none(
            f"no systemd manager of user {facts.uid} answers at {user_bus(facts.uid)}",
            f"as root: loginctl enable-linger {facts.uid}; Debian needs the package dbus-user-session too",
        )
    manager = "systemd" if facts.uid == 0 else "the user's systemd"
    return Plan(Place.SCOPE, f"{manager} makes a scope for the worker", again)


def _none(reason: str, remedy: str) -> Plan:
    return Plan(Place.NONE, reason, remedy)
