"""The process that holds a sandbox's init, from its start until all of its processes have ended.

Under nsjail this process is nsjail; in the restricted executor it is the init itself. The worker trusts both.
"""

import contextlib
import ctypes
import os
import resource
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

#: Seconds that nsjail may take to kill its child, reap it and end.
_STOP_TIMEOUT: Final = 2.0

#: Seconds that an init may take for one message.
_MESSAGE_TIMEOUT: Final = 5.0

#: The most bytes to keep of a sandbox's own output.
_OUTPUT_BYTES: Final = 4096


class GuestProcess:
    """A running sandbox.

    Attributes:
        control: The socket to the init inside.
        output: What the process wrote to its standard output and error; set by `close`.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        join_files: Sequence[Path] = (),
        pass_fds: Sequence[int] = (),
        environment: Mapping[str, str] = MappingProxyType({}),
        oom_score: str | None = None,
    ) -> None:
        """Start `command` with the init's end of the control socket as its standard input.

        A runner always replaces its standard input. With any other descriptor number, a runner could fail to
        close the control socket, which receives the next job's descriptors.

        Args:
            command: The command and its arguments.
            join_files: The process writes to these files to join its cgroups, before it executes the command.
            pass_fds: Descriptors that the command inherits.
            environment: The environment of the command.
            oom_score: The score by which the kernel chooses a process to kill; None leaves the worker's own.

        Raises:
            SandboxFailure: The process did not start.
        """
        self.output = ""
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            try:
                self.control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                ours.callback(self.control.close)
                theirs.callback(inside.close)
                self.control.settimeout(_MESSAGE_TIMEOUT)
                self._output_fd, output = os.pipe()
                ours.callback(os.close, self._output_fd)
                theirs.callback(os.close, output)
                # The worker reads this pipe only after the process has ended, so a full pipe must not block
                # the writer. Output that does not fit is lost.
                os.set_blocking(output, False)
                cgroups = [_open_for_writing(file, theirs) for file in join_files]
                self._process = subprocess.Popen(
                    command,
                    stdin=inside.fileno(),
                    stdout=output,
                    stderr=output,
                    env=dict(environment),
                    cwd="/",
                    pass_fds=pass_fds,
                    start_new_session=True,
                    preexec_fn=_before_exec(cgroups, os.getpid(), oom_score),  # noqa: PLW1509
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise SandboxFailure(f"the sandbox did not start: {error}") from error
            ours.pop_all()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def order(self, order: bytes) -> None:
        """Send an order to the init, if it is still alive."""
        with contextlib.suppress(OSError):
            self.control.send(order)

    def kill(self) -> None:
        """Kill every process inside: nsjail kills and reaps its child, a runner dies with its init."""
        self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End the sandbox, reap it and set `output`."""
        if self._output_fd < 0:
            return
        # Kill nsjail before the control socket closes. Otherwise the init would end first, and nsjail would
        # make another jail.
        self.kill()
        self.control.close()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            # The child of the process dies with it, by the parent-death signal.
            self._process.kill()
            self._process.wait()
        os.set_blocking(self._output_fd, False)
        with contextlib.suppress(BlockingIOError):
            self.output = os.read(self._output_fd, _OUTPUT_BYTES).decode(errors="replace").strip()
        os.close(self._output_fd)
        self._output_fd = -1


def _open_for_writing(file: Path, until: contextlib.ExitStack) -> int:
    """Open a file for writing; `until` closes it."""
    fd = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    until.callback(os.close, fd)
    return fd


def _prevent_core_dumps() -> None:
    """Let no crash in the sandbox hand its memory to the host's core-dump helper, which runs as root.

    With a limit of 1 the kernel makes no core dump. With 0 it still starts the helper if core_pattern is a
    pipe (man 5 core); preflight handles a hard limit of 0. If core_pattern is a socket, the kernel ignores
    the limit, but its dump has no memory that the filter excludes. A program that the job executes inherits
    both.
    """
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
    # gVisor does not have this file.
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/coredump_filter", os.O_WRONLY)
        os.write(fd, b"0")
        os.close(fd)


def _write_score(score: str) -> None:
    with contextlib.suppress(OSError):
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, score.encode())
        os.close(fd)


def _before_exec(cgroups: list[int], worker: int, oom_score: str | None) -> Callable[[], None]:
    """Return the function that the child calls between fork and exec. It must not take a lock."""

    def enter() -> None:
        # End when the worker ends. It may already have ended before this line.
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != worker:
            os._exit(1)
        _prevent_core_dumps()
        for fd in cgroups:
            os.write(fd, b"0")
        if oom_score:
            _write_score(oom_score)

    return enter
