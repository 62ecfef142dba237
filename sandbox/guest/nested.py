"""The confinement of a runner in a slot: the jail around it, without what the zygote may do there."""

from sandbox.guest import preload, seccomp
from sandbox.guest.confinement import Jailed


class Nested(Jailed):
    """Jailed, once a filter has taken back the calls that make nests."""

    def enter(self) -> list[str]:
        """Rehearse a job, then give up the zygote's calls."""
        preload.rehearse()
        seccomp.install(seccomp.nested(seccomp.machine()))
        return []
