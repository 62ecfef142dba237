"""Where jobs run: the next place is made ready while the last job is still on its way back.

A place is one init with one waiting runner and the cgroup it is counted in. `FreshPlaces` makes a
jail for each; `SlotPlaces` makes nests in one long-lived jail.
"""

import os
import secrets
import socket
from typing import Protocol

from sandbox.errors import SandboxFailure
from sandbox.guest.init import KILL
from sandbox.isolation import Isolation
from sandbox.jail.cgroup import Cgroup, Hierarchy, instance_name
from sandbox.jail.command import Jails, command, environment, outside_id
from sandbox.process import GuestProcess

#: Seconds in which an init can take an order or say how its runner ended.
_SPEAK_WITHIN = 5.0


class Place(Protocol):
    """Where one job runs. control: the socket to its init. group: what it is counted in.

    ours: processes in the group that are not the job's.
    """

    control: socket.socket
    group: Cgroup
    ours: int

    def kill(self) -> None:
        """Make every process of the job vanish."""

    def cancel(self) -> None:
        """Do so from another thread, in such a way that the job has no end of its own."""

    def close(self) -> str:
        """Let go of the place; return what the jail had to say if it is gone."""


class Places(Protocol):
    """Makes places. Use one from one thread at a time."""

    def next(self) -> Place:
        """Make a place; it gets ready by itself. Raises SandboxFailure, OSError."""

    def close(self) -> None:
        """Let go of everything."""


class Jailer:
    """Starts jails of one isolation for one process of a worker, each in a cgroup of its own."""

    def __init__(self, jails: Jails, hierarchy: Hierarchy, instance_id: str, isolation: Isolation) -> None:
        """Start nothing yet."""
        self._jails = jails
        self._hierarchy = hierarchy
        self._instance = instance_name(instance_id)
        self._isolation = isolation

    def start(self) -> tuple[GuestProcess, Cgroup]:
        """Start a jail. Raises SandboxFailure, OSError."""
        group = Cgroup(self._hierarchy, self._instance, f"{os.getpid()}-{secrets.token_hex(4)}")
        inside = environment(self._jails)
        try:
            return GuestProcess(self._command(), join_files=group.join_files(), environment=inside), group
        except SandboxFailure:
            group.close()
            raise

    def _command(self) -> list[str]:
        uid = os.geteuid()
        outside = outside_id(uid)
        return command(
            self._jails,
            self._isolation,
            outside_uid=outside,
            outside_gid=outside if uid == 0 else os.getegid(),
        )


class _Jail:
    """A jail for one job."""

    #: nsjail and its init.
    ours = 2

    def __init__(self, process: GuestProcess, group: Cgroup) -> None:
        self._process = process
        self.control = process.control
        self.group = group

    def kill(self) -> None:
        self.group.unthrottle()
        self._process.kill()

    def cancel(self) -> None:
        self.kill()

    def close(self) -> str:
        self._process.close()
        self.group.close()
        return self._process.said


class FreshPlaces:
    """Makes a jail for each job."""

    def __init__(self, jailer: Jailer) -> None:
        """Start nothing yet."""
        self._jailer = jailer

    def next(self) -> Place:
        """Start a jail. Raises SandboxFailure, OSError."""
        return _Jail(*self._jailer.start())

    def close(self) -> None:
        """Do nothing: each jail is let go by itself."""


class _Slot:
    """A jail with a zygote, which makes one nest after the other; each is a place for one job."""

    #: nsjail, the zygote, and process 1 of the nest.
    ours = 3

    def __init__(self, process: GuestProcess, group: Cgroup) -> None:
        self._process = process
        self.control = process.control
        self.group = group

    def kill(self) -> None:
        # The zygote ends the runner and all that is left, and says so; it is no script's to stop.
        self.group.unthrottle()
        self.control.send(KILL)

    def cancel(self) -> None:
        # To the zygote this is the end of the worker: it ends, and with it everything in the jail.
        self.group.unthrottle()
        self._process.kill()

    def close(self) -> str:
        # The nest has ended with its job; the zygote goes on.
        return self._process.said

    def end(self) -> None:
        self._process.close()
        self.group.close()


class SlotPlaces:
    """Makes nests in one jail, and another jail after `jobs` jobs or when it breaks."""

    def __init__(self, jailer: Jailer, jobs: int) -> None:
        """Start nothing yet."""
        self._jailer = jailer
        self._jobs = jobs
        self._slot: _Slot | None = None
        self._made = 0

    def next(self) -> Place:
        """Take the jail, or another. Raises SandboxFailure, OSError."""
        if self._slot and (self._made >= self._jobs or self._slot.group.grown):
            self.close()
        if self._slot is None:
            self._slot = _Slot(*self._jailer.start())
            self._made = 0
        self._made += 1
        return self._slot

    def close(self) -> None:
        """End the jail."""
        slot, self._slot = self._slot, None
        if slot:
            slot.end()
