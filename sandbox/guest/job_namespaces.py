"""The confinement of a runner in a slot: per-job namespaces inside the jail."""

from typing import Final

from sandbox.guest import architecture, kernel, seccomp, warmup
from sandbox.guest.jailed import Jailed

#: All namespaces except the user namespace, and except the PID namespace, which the zygote makes.
_NAMESPACES: Final = kernel.NEW_MOUNT | kernel.NEW_IPC | kernel.NEW_UTS | kernel.NEW_NET | kernel.NEW_CGROUP


class JobNamespaces(Jailed):
    """Gives the runner its own namespaces, then denies it the system calls that make them."""

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
        """Leave the zygote's namespaces, drop its privileges, start the keeper and run the sample."""
        kernel.unshare(_NAMESPACES)
        kernel.mount_tmp(self._tmp_options)
        kernel.drop_capabilities()
        self._filter.install()
        kernel.start_keeper()
        if self._sample:
            warmup.run_sample(self, self._sample)
        return []
