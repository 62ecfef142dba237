"""One nsjail process, from its start to the moment nothing is left of it."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail.command import Jails, command, outside_id

_PR_SET_PDEATHSIG: Final = 1
_LIBC: Final = ctypes.CDLL(None)

#: Seconds nsjail may take to kill its child, reap it and end.
_STOP_WITHIN: Final = 2.0

#: Seconds the init of a jail may take for one message; it never waits in the middle of one.
_SPEAK_WITHIN: Final = 5.0

#: The most that is read of what a failed jail had to say.
_LOG_BYTES: Final = 4096


class JailProcess:
    """A running nsjail; `control` is the socket to the init inside."""

    def __init__(self, jails: Jails, join_files: list[Path]) -> None:
        """Start nsjail inside the cgroups of `join_files`. Raises SandboxFailure."""
        self.control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(_SPEAK_WITHIN)
        self.said = ""
        self._log, log = os.pipe()
        cgroups: list[int] = []
        try:
            cgroups.extend(os.open(file, os.O_WRONLY | os.O_CLOEXEC) for file in join_files)
            uid, gid = os.geteuid(), os.getegid()
            outside = outside_id(uid)
            self._process = subprocess.Popen(
                command(
                    jails,
                    outside_uid=outside,
                    outside_gid=outside if uid == 0 else gid,
                    control_fd=inside.fileno(),
                ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(inside.fileno(),),
                env={},
                cwd="/",
                start_new_session=True,
                preexec_fn=_before_exec(cgroups, os.getpid()),  # noqa: PLW1509
            )
        except (OSError, subprocess.SubprocessError) as error:
            self.control.close()
            os.close(self._log)
            raise SandboxFailure(f"nsjail did not start: {error}") from error
        finally:
            inside.close()
            os.close(log)
            for fd in cgroups:
                os.close(fd)

    def kill(self) -> None:
        """Make every process of the jail vanish; nsjail itself kills and reaps its child."""
        self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End the jail and reap it; `said` then holds what it had to say."""
        if self._log < 0:
            return
        self.control.close()
        self.kill()
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


def _before_exec(cgroups: list[int], worker: int) -> Callable[[], None]:
    """Return what the child does between fork and exec: nothing that could take a lock."""

    def enter() -> None:
        # The worker's death is nsjail's; it may have died before this line.
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker:
            os._exit(1)
        for fd in cgroups:
            os.write(fd, b"0")

    return enter
