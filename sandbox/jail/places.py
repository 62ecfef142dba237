"""Where jobs run: the next place is made ready while the last job is still on its way back.

A place is one init with one waiting runner and the cgroup it is counted in. `FreshPlaces` makes a
jail for each; `SlotPlaces` makes nests in one long-lived jail.
"""

import contextlib
import os
import secrets
import socket
from collections.abc import Callable
from typing import Protocol

from sandbox.errors import SandboxFailure
from sandbox.guest.init import KILL
from sandbox.guest.zygote import NEST
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
            return GuestProcess(self._command, join_files=group.join_files(), environment=inside), group
        except SandboxFailure:
            group.close()
            raise

    def _command(self, control_fd: int) -> list[str]:
        uid = os.geteuid()
        outside = outside_id(uid)
        return command(
            self._jails,
            self._isolation,
            outside_uid=outside,
            outside_gid=outside if uid == 0 else os.getegid(),
            control_fd=control_fd,
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


class _Nest:
    """A nest in a slot's jail, for one job."""

    #: nsjail, the zygote, this nest's init; the next nest is made when the job has ended.
    ours = 3

    def __init__(self, control: socket.socket, group: Cgroup, leave: Callable[[], str]) -> None:
        self.control = control
        self.group = group
        self._leave = leave

    def kill(self) -> None:
        # The nest's init ends the runner and all that is left, and says so; it is no script's to stop.
        self.group.unthrottle()
        self.control.send(KILL)

    def cancel(self) -> None:
        # To its init this is the end of the worker: it ends, and with it everything in the nest.
        self.group.unthrottle()
        self.control.shutdown(socket.SHUT_RDWR)

    def close(self) -> str:
        self.control.close()
        return self._leave()


class SlotPlaces:
    """Makes nests in one jail, and another jail after `jobs` jobs or when it breaks."""

    def __init__(self, jailer: Jailer, jobs: int) -> None:
        """Start nothing yet."""
        self._jailer = jailer
        self._jobs = jobs
        self._slot: _Slot | None = None

    def next(self) -> Place:
        """Order a nest. Raises SandboxFailure, OSError."""
        if self._slot and self._slot.made < self._jobs and not self._slot.group.grown:
            # A zygote that is gone takes no order; a new one may.
            with contextlib.suppress(OSError):
                return self._slot.nest()
        self.close()
        self._slot = _Slot(*self._jailer.start())
        return self._slot.nest()

    def close(self) -> None:
        """End the jail, as soon as its last nest is let go."""
        if self._slot:
            self._slot.retire()
            self._slot = None


class _Slot:
    """A jail with a zygote; it ends when it is retired and the last nest is let go."""

    def __init__(self, process: GuestProcess, group: Cgroup) -> None:
        self._process = process
        self.group = group
        self._nests = 0
        self._retired = False
        self.made = 0

    def nest(self) -> Place:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            socket.send_fds(self._process.control, [NEST], [theirs.fileno()])
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.settimeout(_SPEAK_WITHIN)
        self.made += 1
        self._nests += 1
        return _Nest(ours, self.group, self._leave)

    def retire(self) -> None:
        self._retired = True
        self._end_if_empty()

    def _leave(self) -> str:
        self._nests -= 1
        return self._end_if_empty()

    def _end_if_empty(self) -> str:
        if not self._retired or self._nests:
            return ""
        self._process.close()
        self.group.close()
        return self._process.said
