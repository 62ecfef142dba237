"""The checks of a worker's environments: each pool process checks them in its own jails.

    main process                             pool process
      Pool starts               ---fork-->   run: start the zygotes of all environments, wait, check
      wait                      <-socket--   every fault, then the end of the socket
      announce what works, and consume       at each notification: drop what another process found broken

A zygote that preloads modules takes seconds to start. So the checks run in the zygotes that then serve the
jobs, and the worker takes no job before they are ready. A pool process that is killed before it is ready ends
the worker: Celery consumes only if the whole pool has started.

A pool process that replaces another later only waits for its zygotes. Meanwhile the others take jobs.
"""

import json
import logging
import mmap
import socket
from collections.abc import Callable, Sequence
from typing import Final

from jobs.environment import STDLIB
from sandbox.environment_check import check
from sandbox.packages import Packages
from sandbox.protocol import Sandbox

_log = logging.getLogger(__name__)

#: The most characters of a fault. A longer message might not fit into the buffer of the socket.
_FAULT_LENGTH: Final = 8000

#: More than the bytes of a message: JSON has up to twelve for a character.
_MESSAGE_BYTES: Final = 12 * _FAULT_LENGTH + 1024


class EnvironmentChecks:
    """The checks, and their results in memory that is shared with processes forked later."""

    def __init__(self, environments: Sequence[Packages], verify: Callable[[Sandbox], None]) -> None:
        """Check nothing yet.

        Args:
            environments: The packages of each environment besides `stdlib`.
            verify: Runs test jobs in a sandbox and raises SandboxFailure if an isolation or limit fails.
        """
        self._environments, self._verify = environments, verify
        # One byte for each environment: whether a process has found it broken, has begun to verify it, has
        # verified it.
        self._failed, self._begun, self._verified = (
            mmap.mmap(-1, max(1, len(environments))) for _ in range(3)
        )
        self._receiver, self._sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    @property
    def working(self) -> tuple[str, ...]:
        """`stdlib` and the environments that no process has found broken."""
        return STDLIB, *(
            packages.environment
            for index, packages in enumerate(self._environments)
            if not self._failed[index]
        )

    def run(self, sandbox: Sandbox) -> None:
        """Check the environments in the sandbox of a pool process; return when it is ready for jobs."""
        # The main process closes its copy when it waits, so a process that is forked later has none.
        replaces = self._sender.fileno() < 0
        with self._sender:
            self.drop_broken(sandbox)
            sandbox.prepare()
            for index, packages in enumerate(self._environments):
                if self._failed[index]:
                    continue
                # All processes have the same jails, so one of them verifies them.
                verifies, self._begun[index] = not self._begun[index], 1
                verify = self._verify if verifies else _skip
                # A zygote may end for a reason that passes, for example when the machine has no memory left.
                fault = check(sandbox, packages, verify) and check(sandbox, packages, verify)
                if verifies and not fault:
                    self._verified[index] = 1
                if fault and replaces:
                    # The environment worked when the worker started. The next job tries another jail.
                    _log.error("environment %s: not ready: %s", packages.environment, fault)
                elif fault:
                    self._failed[index] = 1
                    message = [packages.environment, fault[:_FAULT_LENGTH]]
                    self._sender.send(json.dumps(message).encode())
            self.drop_broken(sandbox)

    def drop_broken(self, sandbox: Sandbox) -> None:
        """Drop the environments that a process has found broken."""
        for index, packages in enumerate(self._environments):
            if self._failed[index]:
                sandbox.drop(packages.environment)

    def wait(self) -> dict[str, str]:
        """Wait in the main process until each pool process has checked the environments or has ended.

        Each check has deadlines, those of its jail and of its jobs. So the wait ends too.

        Returns:
            The fault of each environment that is broken or that no process has verified.
        """
        faults: dict[str, str] = {}
        # Each pool process has a copy of this end. When the last is closed, the other end has no more data.
        self._sender.close()
        with self._receiver:
            while message := self._receiver.recv(_MESSAGE_BYTES):
                name, fault = json.loads(message)
                faults.setdefault(name, fault)
        for index, packages in enumerate(self._environments):
            if not self._verified[index]:
                self._failed[index] = 1
                faults.setdefault(packages.environment, "no pool process could verify it")
        return faults


def _skip(_: Sandbox) -> None:
    """Verify nothing."""
