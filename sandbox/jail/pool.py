"""Where jobs run: one init with one waiting runner, and the cgroup the job is counted in.

An nsjail process holds one place after the other, each used once. In a slot it has one jail, whose zygote
makes a nest for each job; with `fresh` it makes another jail when the job is over, with an interpreter
that is started for the next job alone. The next place gets ready while the last answer is on its way.
"""

import os
import secrets
from typing import Final

from sandbox.guest.init import KILL, NEXT
from sandbox.isolation import Isolation
from sandbox.jail.cgroup import Cgroup
from sandbox.jail.command import JailConfig, command, environment, outside_id
from sandbox.jail.hierarchy import Hierarchy, instance_name
from sandbox.process import GuestProcess

#: Processes in a cgroup that are not the job's. In a slot: nsjail, the zygote, and process 1 of the nest.
#: In a fresh jail: nsjail and its init.
_OURS: Final = {Isolation.SLOT: 3, Isolation.FRESH: 2}


class Jail:
    """Where one job runs at a time. control: the socket to its init. group: what it is counted in.

    ours: processes in the group that are not the job's. used: jobs that were let in.
    """

    def __init__(self, process: GuestProcess, group: Cgroup, isolation: Isolation) -> None:
        """Take over an nsjail process that has just been started in `group`."""
        self._process = process
        self._isolation = isolation
        self.control = process.control
        self.group = group
        self.ours = _OURS[isolation]
        self.used = 0

    def kill(self) -> None:
        """Make every process of the job vanish; its init then says how it ended."""
        self.group.unthrottle()
        self._process.order(KILL)

    def cancel(self) -> None:
        """Do so from another thread, in such a way that the job has no end of its own."""
        # All processes in the jail end with nsjail, the init among them.
        self.group.unthrottle()
        self._process.kill()

    def renew(self) -> None:
        """Make the next job's place of it, once the last job is over."""
        if self._isolation is Isolation.FRESH:
            self._process.order(NEXT)

    def end(self) -> str:
        """End everything in it; return what nsjail had to say."""
        self._process.close()
        self.group.close()
        return self._process.said


class JailFactory:
    """Starts nsjail processes of one isolation for one process of a worker, each in a cgroup of its own."""

    def __init__(
        self, jails: JailConfig, hierarchy: Hierarchy, instance_id: str, isolation: Isolation
    ) -> None:
        """Start nothing yet."""
        self._jails = jails
        self._hierarchy = hierarchy
        self._instance = instance_name(instance_id)
        self._isolation = isolation

    def start(self) -> Jail:
        """Start one. Raises SandboxFailure, OSError."""
        group = Cgroup(self._hierarchy, self._instance, f"{os.getpid()}-{secrets.token_hex(4)}")
        try:
            process = GuestProcess(
                self._command(), join_files=group.join_files(), environment=environment(self._jails)
            )
        except BaseException:
            group.close()
            raise
        return Jail(process, group, self._isolation)

    def _command(self) -> list[str]:
        uid = os.geteuid()
        outside = outside_id(uid)
        return command(
            self._jails,
            self._isolation,
            outside_uid=outside,
            outside_gid=outside if uid == 0 else os.getegid(),
        )


class JailPool:
    """The places that no job has. Use them from one thread at a time."""

    def __init__(self, jailer: JailFactory, jobs: int) -> None:
        """Start nothing yet. jobs: how many a place serves."""
        self._jailer = jailer
        self._jobs = jobs
        self._free: list[Jail] = []

    def take(self) -> Jail:
        """Take a place, which gets ready by itself. Raises SandboxFailure, OSError."""
        while self._free:
            place = self._free.pop()
            if place.used < self._jobs and not place.group.grown:
                break
            place.end()
        else:
            place = self._jailer.start()
        place.used += 1
        return place

    def give_back(self, place: Jail) -> None:
        """Take back a place whose job is over, for another."""
        place.renew()
        self._free.append(place)

    def close(self) -> None:
        """End those that no job has."""
        while self._free:
            self._free.pop().end()
