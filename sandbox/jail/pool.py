"""The pool of jails that no job uses at the moment."""

from sandbox.jail.jail import Jail, JailFactory


class JailPool:
    """Lends out jails and takes them back. Use a pool from one thread at a time."""

    def __init__(self, factory: JailFactory, jobs_per_jail: int) -> None:
        """Start nothing yet.

        Args:
            factory: Starts the jails.
            jobs_per_jail: Jobs after which a jail is replaced.
        """
        self._factory = factory
        self._jobs_per_jail = jobs_per_jail
        self._free: list[Jail] = []

    def take(self) -> Jail:
        """Take a free jail, or start a new one. Raises SandboxFailure, OSError."""
        while self._free:
            jail = self._free.pop()
            if jail.jobs < self._jobs_per_jail and not jail.cgroup.grown:
                break
            jail.close()
        else:
            jail = self._factory.start()
        jail.jobs += 1
        return jail

    def give_back(self, jail: Jail) -> None:
        """Take back a jail whose job is over, for another job."""
        jail.renew()
        self._free.append(jail)

    def close(self) -> None:
        """End the jails that no job uses."""
        while self._free:
            self._free.pop().close()
