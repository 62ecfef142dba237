"""One job in one waiting runner: from the order to fork it to the last byte of its output."""

import contextlib
import os
import secrets
import select
import socket
import time
from collections.abc import Callable
from typing import Any, Final, Self

from jobs.job import Job
from sandbox.deadline import Deadline
from sandbox.errors import SandboxFailure
from sandbox.guest.channel import Channel
from sandbox.guest.init import HERE, RUN
from sandbox.guest.runner import READY
from sandbox.pump import Pump
from sandbox.verdict import Stopped, Trace

#: Seconds that everything of a job may take to vanish once it was killed.
GRACE: Final = 3.0


class Session:
    """A runner that waits for its job, and the host's ends of its descriptors."""

    def __init__(self, control: socket.socket) -> None:
        """Order a runner over `control`, the socket to the sandbox's init.

        Raises SandboxFailure when the sandbox is gone.
        """
        self._control = control
        self._given_up: list[str] | None = None
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            try:
                stdin, self._stdin = _pipe(theirs, ours)
                self._stdout, stdout = _pipe(ours, theirs)
                self._stderr, stderr = _pipe(ours, theirs)
                self._job, job = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                ours.callback(self._job.close)
                theirs.callback(job.close)
                socket.send_fds(control, [RUN], [stdin, stdout, stderr, job.fileno()])
            except OSError as error:
                raise SandboxFailure(f"the sandbox takes no orders: {error}") from error
            ours.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the host's ends."""
        for fd in (self._stdin, self._stdout, self._stderr):
            if fd >= 0:
                os.close(fd)
        self._stdin = self._stdout = self._stderr = -1
        self._job.close()

    def await_ready(self, timeout: float) -> list[str]:
        """Wait until the runner is ready; return what it gave up. Can be asked again.

        Raises SandboxFailure after `timeout` seconds.
        """
        if self._given_up is not None:
            return self._given_up
        self._job.settimeout(timeout)
        try:
            self._await_word(timeout)
            self._given_up = list(Channel(self._job).receive()[READY])
        except EOFError as error:
            raise SandboxFailure("the runner ended before it was ready") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise SandboxFailure(f"no runner was ready within {timeout:g} s: {error}") from error
        return self._given_up

    def run(
        self,
        job: Job,
        *,
        rlimits: dict[str, tuple[int, int]],
        kill: Callable[[], None],
        cpu_clock: Callable[[], float] | None,
    ) -> Trace:
        """Hand `job` over and follow it to its end.

        rlimits: soft and hard limit by the name of the resource.
        kill: makes every process of the job vanish.
        cpu_clock: CPU seconds the sandbox has used so far, None where nothing tells.
        Raises SandboxFailure when the sandbox, not the script, went wrong.
        """
        tag, data = secrets.token_hex(16), job.stdin.encode()
        deadline = Deadline(job.limits, cpu_clock)
        self._hand_over({"script": job.script, "inputs": job.inputs, "tag": tag, "limits": rlimits})
        stdin, self._stdin = self._stdin, -1
        pump = Pump(
            stdin=stdin,
            data=data,
            outputs=(self._stdout, self._stderr),
            job=self._job,
            tag=tag.encode(),
            control=self._control,
        )
        try:
            stopped = _follow(pump, deadline, kill)
        finally:
            pump.close()
        ended = pump.ended or {}
        stdout, stderr = pump.outputs
        return Trace(
            stdout=stdout,
            stderr=stderr,
            started=pump.started,
            status=ended.get("status"),
            report=pump.report,
            report_overflow=pump.report_overflow,
            stopped=stopped,
            wall=deadline.wall,
            cpu=deadline.cpu if cpu_clock else ended.get("cpu"),
            memory=ended.get("memory"),
        )

    def _await_word(self, timeout: float) -> None:
        """Wait until the job socket has something to say. Raises EOFError where it never will, TimeoutError.

        The control socket tells, too: when a sandbox ends before it took its orders, gVisor keeps
        the descriptors in them open, so that the job socket does not end.
        """
        poll = select.poll()
        poll.register(self._job, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        until, greeted = time.monotonic() + timeout, False
        while heard := {fd for fd, _ in poll.poll(max(0.0, until - time.monotonic()) * 1000)}:
            greets = not greeted and self._control.fileno() in heard and self._take_greeting()
            if self._job.fileno() in heard:
                return
            if not greets:
                raise EOFError
            greeted = True
        raise TimeoutError("timed out")

    def _take_greeting(self) -> bool:
        """Take the greeting of an init off the control socket; return False where there is something else."""
        if self._control.recv(len(HERE) + 1, socket.MSG_PEEK) != HERE:
            return False
        self._control.recv(len(HERE))
        return True

    def _hand_over(self, frame: dict[str, Any]) -> None:
        self._job.settimeout(GRACE)
        try:
            Channel(self._job).send(frame)
        except OSError as error:
            raise SandboxFailure(f"the runner took no job: {error}") from error


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Make a pipe whose ends are closed when the one or the other is over."""
    ends = os.pipe()
    reader.callback(os.close, ends[0])
    writer.callback(os.close, ends[1])
    return ends


def _follow(pump: Pump, deadline: Deadline, kill: Callable[[], None]) -> Stopped | None:
    """Pump until the runner has ended; kill it at a deadline, and say which it was."""
    while not pump.finished:
        if stopped := deadline.passed():
            kill()
            _await_end(pump)
            return stopped
        pump.step(deadline.until_next())
    return None


def _await_end(pump: Pump) -> None:
    """Pump until a killed runner has ended. Whoever owns a sandbox that does not say so throws it away."""
    give_up = time.monotonic() + GRACE
    while not pump.finished and (left := give_up - time.monotonic()) > 0:
        pump.step(left)
