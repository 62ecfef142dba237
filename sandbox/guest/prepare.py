"""The last steps of an init or a zygote before its first fork."""

from __future__ import annotations

import gc
import resource
import sys

from sandbox.guest.report import SCRIPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The limits that nsjail does not set. Queued signals and POSIX timers count for the user of the job and,
#: since Linux 5.14, also for the user who made the user namespace: root, or the worker's user. Without a
#: limit, one job takes the queue of all (kernel/ucount.c, inc_rlimit_get_ucounts).
_LIMITS: Final = {resource.RLIMIT_SIGPENDING: 256, resource.RLIMIT_NICE: 0}


def prepare_for_fork() -> None:
    """Do the set-up that all forks share, and exclude the existing objects from garbage collection."""
    # Hide the service's modules from scripts. This is for tidiness and is not a defence.
    for name in [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "validation")]:
        del sys.modules[name]
    # In place: the restricted executor has shown the list to its language.
    sys.argv[:] = [SCRIPT]
    sys.orig_argv[:] = ["python3", SCRIPT]
    lower_limits(_LIMITS)
    gc.freeze()


def lower_limits(limits: dict[int, int]) -> None:
    """Lower soft and hard limits to the given values; leave a hard limit that is lower already."""
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (bound, bound))
        except ValueError:
            # gVisor refuses the limits that it does not implement. Only the restricted executor works there,
            # and its filter denies what they bound.
            continue
