"""The confinement of a runner in a slot: a nest of its own in the jail, without the calls that make nests."""

import _random
import random
from functools import partial
from typing import Any, Final

from sandbox.guest import kernel, seccomp
from sandbox.guest.jailed import Jailed

#: All namespaces but those of users and, which is made before the fork, processes.
_NAMESPACES: Final = kernel.NEW_MOUNT | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_NET | kernel.NEW_CGROUP

#: The /tmp of a job, as in config/nsjail.cfg.
_TMP_OPTIONS: Final = b"size=67108864,nr_inodes=4096,mode=1777"


class JobNamespaces(Jailed):
    """Jailed, once it has its own namespaces and a filter has taken back the calls that make them."""

    def __init__(self) -> None:
        """Lay the filter out and keep the jail's mounts to itself, for all forks."""
        kernel.keep_mounts()
        # What the hook of `random` for forks does, in fewer steps.
        dice: Any = random.seed
        self._roll = partial(_random.Random.seed, dice.__self__)
        self._filter = seccomp.Filter(seccomp.nested(seccomp.machine()))

    def enter(self) -> list[str]:
        """Leave what the zygote shares, its capabilities and its calls."""
        # No two roll the same dice.
        self._roll()
        kernel.unshare(_NAMESPACES)
        kernel.private_tmp(_TMP_OPTIONS)
        kernel.drop_capabilities()
        self._filter.install()
        return []
