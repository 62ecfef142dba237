"""The cgroups of jails: version, controllers, and the place where this process may make them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from doctor.checks.user_namespaces import CONTAINER
from doctor.finding import Finding
from doctor.process import in_container
from sandbox.jail import hierarchy, placement
from sandbox.jail.placement import Facts, Place, Plan

_NAME: Final = "cgroups"


def examine() -> Iterator[Finding]:
    """Report where a worker that is started here would make the cgroups of its jails."""
    facts = placement.observe()
    yield judge(facts, placement.choose(facts), _closed_folders())


def judge(facts: Facts, plan: Plan, closed: Sequence[Path]) -> Finding:
    """Return the finding.

    Args:
        facts: What was observed.
        plan: What a worker would do.
        closed: The folders of version 1 to which this process may not write.
    """
    found = f"version {facts.version}; {plan.reason}"
    if plan.place is Place.NONE:
        return Finding.failed(_NAME, found, plan.remedy)
    if facts.version == 1 and closed:
        shown = " ".join(map(str, closed))
        return Finding.failed(_NAME, f"version 1; no cgroup can be made in {shown}", _opening(closed))
    return Finding.ok(_NAME, found)


def _opening(closed: Sequence[Path]) -> str:
    """Return the command with which a process may write to the folders of version 1."""
    if in_container():
        return CONTAINER
    if os.geteuid():
        return "sudo python-executor doctor  # and start the worker as root"
    return f"mount -o remount,rw {closed[0]}  # and so for each"


def _closed_folders() -> list[Path]:
    return [folder for folder in hierarchy.detect().unique_folders if not os.access(folder, os.W_OK)]
