"""The confinement of a runner in a slot: per-job namespaces inside the jail."""

import _random
import random
from functools import partial
from typing import Any, Final

from sandbox.guest import architecture, kernel, seccomp
from sandbox.guest.jailed import Jailed

#: All namespaces except the user namespace, and except the PID namespace, which the zygote makes.
_NAMESPACES: Final = kernel.NEW_MOUNT | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_NET | kernel.NEW_CGROUP


class JobNamespaces(Jailed):
    """Gives the runner its own namespaces, then denies it the system calls that make them."""

    def __init__(self, tmp_options: bytes) -> None:
        """Prepare once for all forks: build the filter and make the jail's mounts private.

        Args:
            tmp_options: The mount options of a job's /tmp.
        """
        kernel.make_mounts_private()
        self._tmp_options = tmp_options
        # Seeds `random` as its own fork hook does, but touches fewer pages.
        generator: Any = random.seed
        self._seed_random = partial(_random.Random.seed, generator.__self__)
        self._filter = seccomp.Filter(seccomp.slot_filter(architecture.machine()))

    def enter(self) -> list[str]:
        """Leave the zygote's namespaces, then drop its capabilities and its system calls."""
        # Otherwise all forks would draw the same random numbers.
        self._seed_random()
        kernel.unshare(_NAMESPACES)
        kernel.mount_tmp(self._tmp_options)
        kernel.drop_capabilities()
        self._filter.install()
        return []
