"""The confinement of a runner in a slot: a mount namespace of its own inside the jail.

The network, IPC, UTS and cgroup namespaces are the slot's. A script can change nothing that they hold:
decision 18 says why, and `slot_network` holds it for the one exception, abstract names of Unix sockets.
"""

from sandbox.guest import architecture, kernel, seccomp, warmup
from sandbox.guest.jailed import Jailed


class JobNamespaces(Jailed):
    """Gives the runner its own mounts, then denies it the system calls that the zygote needs."""

    def __init__(self, tmp_options: bytes, sample: str) -> None:
        """Prepare once for all forks: build the filter and make the jail's mounts private.

        Args:
            tmp_options: The mount options of a job's /tmp.
            sample: A program that each runner runs before it takes its job, '' for none.
        """
        kernel.make_mounts_private()
        self._tmp_options = tmp_options
        self._sample = sample
        self._filter = seccomp.Filter(seccomp.slot_filter(architecture.machine()))

    def enter(self) -> list[str]:
        """Leave the zygote's mounts, drop its privileges, start the keeper and run the sample."""
        kernel.unshare(kernel.NEW_MOUNT)
        kernel.mount_tmp(self._tmp_options)
        kernel.drop_capabilities()
        self._filter.install()
        kernel.start_keeper()
        if self._sample:
            warmup.run_sample(self, self._sample)
        return []
