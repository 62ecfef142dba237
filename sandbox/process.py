"""The process that holds a sandbox's init, from its start to the moment nothing is left of it."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sandbox.errors import SandboxFailure

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None)

#: Seconds nsjail may take to kill its child, reap it and end.
_STOP_WITHIN: Final = 2.0

#: Seconds an init may take for one message; it never waits in the middle of one.
_SPEAK_WITHIN: Final = 5.0

#: The most that is read of what a failed sandbox had to say.
_LOG_BYTES: Final = 4096


class GuestProcess:
    """A running sandbox; `control` is the socket to the init inside."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        join_files: Sequence[Path] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Start `command`, whose standard input is init's end of the control socket.

        That is a number which a runner is sure to give to something else. Any other could be one that it does
        not think of closing, and the next job's descriptors come through this socket.
        join_files: the cgroups it starts in. Raises SandboxFailure.
        """
        self.said = ""
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            try:
                self.control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                ours.callback(self.control.close)
                theirs.callback(inside.close)
                self.control.settimeout(_SPEAK_WITHIN)
                self._log, log = os.pipe()
                ours.callback(os.close, self._log)
                theirs.callback(os.close, log)
                # What nobody reads before the end must not hold up who says it; what is too much is lost.
                os.set_blocking(log, False)
                cgroups = [_opened(file, theirs) for file in join_files]
                self._process = subprocess.Popen(
                    command,
                    stdin=inside.fileno(),
                    stdout=log,
                    stderr=log,
                    env=dict(environment),
                    cwd="/",
                    start_new_session=True,
                    preexec_fn=_before_exec(cgroups, os.getpid()),  # noqa: PLW1509
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise SandboxFailure(f"the sandbox did not start: {error}") from error
            ours.pop_all()

    def order(self, order: bytes) -> None:
        """Give init an order, if it is still there to take it."""
        with contextlib.suppress(OSError):
            self.control.send(order)

    def kill(self) -> None:
        """Make every process inside vanish: nsjail kills and reaps its child, a runner follows its init."""
        self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End the sandbox and reap it; `said` then holds what it had to say."""
        if self._log < 0:
            return
        # Before its socket ends, or nsjail would make another jail when an init has seen that.
        self.kill()
        self.control.close()
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            # Its child dies with it, by the parent-death signal.
            self._process.kill()
            self._process.wait()
        os.set_blocking(self._log, False)
        with contextlib.suppress(BlockingIOError):
            self.said = os.read(self._log, _LOG_BYTES).decode(errors="replace").strip()
        os.close(self._log)
        self._log = -1


def _opened(file: Path, until: contextlib.ExitStack) -> int:
    """Open a file to write, and have it closed when `until` is over."""
    fd = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    until.callback(os.close, fd)
    return fd


def _before_exec(cgroups: list[int], worker: int) -> Callable[[], None]:
    """Return what the child does between fork and exec: nothing that could take a lock."""

    def enter() -> None:
        # The worker's death is the sandbox's; it may have died before this line.
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker:
            os._exit(1)
        for fd in cgroups:
            os.write(fd, b"0")

    return enter
