"""Prepare the cgroup below which the worker makes the cgroups of jails."""

import contextlib
import errno
import logging
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail import placement, scope
from sandbox.jail.hierarchy import (
    CONTROLLERS_V2,
    LEAF,
    PROCS,
    SUBTREE,
    Hierarchy,
    controllers_v2,
    detect,
    enable_controllers,
)
from sandbox.jail.placement import Place
from sandbox.jail.surroundings import Facts, observe

_log = logging.getLogger(__name__)

#: Tries to move all processes. Meanwhile another may enter, such as the health check of a container.
_TRIES: Final = 5


def prepare() -> Hierarchy:
    """Do what `placement` says for this process, and return where the cgroups of jails are made.

    A second call changes nothing.

    Raises:
        SandboxFailure: There is no place, with the command that would help.
    """
    try:
        facts = observe()
        plan = placement.choose(facts)
        if plan.place is Place.SCOPE:
            return _in_scope(facts, plan.remedy)
        if plan.place is Place.NONE:
            raise SandboxFailure(f"no cgroups for jails: {plan.reason}; {plan.remedy}")
        own = detect()
        if plan.place is Place.ROOT:
            own = Hierarchy(2, controllers_v2(own.top), "/", own.top)
            enable_controllers(own.top)
        elif own.version == 2:
            delegate(own.unique_folders[0])
    except OSError as error:
        raise SandboxFailure(f"no cgroups can be made for jails: {error}") from error
    if own.version == 2:
        _log.info("cgroup v2: %s", plan.reason)
    return own


def _in_scope(facts: Facts, remedy: str) -> Hierarchy:
    try:
        scope.enter(facts.slice)
    except SandboxFailure as failure:
        raise SandboxFailure(f"no cgroups for jails: {failure}; {remedy}") from failure
    return prepare()


def delegate(folder: Path) -> None:
    """Enable the controllers of jails for the children of a cgroup that belongs to this process.

    Every process of the cgroup moves to a leaf, the init of a container included. If that fails, all of them
    move back.

    Raises:
        OSError: The controllers cannot be enabled.
    """
    if not CONTROLLERS_V2 - set((folder / SUBTREE).read_text().split()):
        return
    leaf = folder / LEAF
    leaf.mkdir(exist_ok=True)
    try:
        for left in reversed(range(_TRIES)):
            _move(folder, leaf)
            try:
                enable_controllers(folder)
            except OSError as error:
                if error.errno != errno.EBUSY or not left:
                    raise
            else:
                break
    except OSError:
        with contextlib.suppress(OSError):
            _move(leaf, folder)
            leaf.rmdir()
        raise


def _move(source: Path, target: Path) -> None:
    """Move all processes of a cgroup."""
    # This process first: if it may not move, no other does. In the kernel's list, 0 stands for a process
    # outside the PID namespace; written, it stands for this process.
    for pid in ["0", *(source / PROCS).read_text().split()]:
        # The process may have ended.
        with contextlib.suppress(ProcessLookupError):
            (target / PROCS).write_text(pid)
