"""One job in one runner, from the order to fork the runner to the last byte of its output.

    worker                               sandbox
      Session()        --control-->      init: fork a runner with stdin, stdout, stderr and the job socket
      wait_until_ready <--job socket--   runner: READY
      run              --job socket-->   runner: the job and its files; answers STARTED, with its folder for
                                         artifacts; runs the script, sends its report
      (Pump)           <--control---     init: how the runner ended
      (collect)                          no process of the job is left: read the artifacts

The control socket is trusted. The script can write to the job socket.
"""

import os
import secrets
import select
import socket
import time
from collections.abc import Callable
from typing import Any, Final, Self

from jobs.files import Artifact
from jobs.job import Job
from jobs.limits import RESULT_BYTES
from sandbox.artifacts import collect
from sandbox.deadline import Deadline
from sandbox.errors import SandboxFailure
from sandbox.guest.channel import Channel
from sandbox.guest.init import ALL, GREETING, RUN
from sandbox.guest.runner import FILES, READY
from sandbox.job_files import pack
from sandbox.observation import StopReason, Trace
from sandbox.protocol import OnOutput
from sandbox.pump import Pump

#: Seconds that a runner may take to accept its job.
_HAND_OVER_TIMEOUT: Final = 3.0

#: Seconds that the answer waits for the end of a killed job. The kernel frees a process's memory before it
#: reports the end, and 1 GB of page tables take it seconds.
_END_TIMEOUT: Final = 1.0


class Session:
    """A runner that waits for its job, and the worker's ends of its descriptors."""

    def __init__(self, control: socket.socket, *, bind_job: bool = False) -> None:
        """Order the sandbox's init to fork a runner.

        Args:
            control: The socket to the init.
            bind_job: Whether to bind the job's end of the job socket, for a sandbox whose scripts may call
                `bind`. The socket belongs to the worker's network namespace, where a script could take any
                abstract name. A bound socket cannot be bound again (man 7 unix).

        Raises:
            SandboxFailure: The sandbox has ended.
        """
        self._control = control
        self._dropped: list[str] | None = None
        pipes: list[int] = []
        sockets: list[socket.socket] = []
        try:
            for _ in range(3):
                pipes += os.pipe()
            sockets += socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stdin, self._stdin, self._stdout, stdout, self._stderr, stderr = pipes
            self._job, job = sockets
            if bind_job:
                job.bind("")
            socket.send_fds(control, [RUN], [stdin, stdout, stderr, job.fileno()])
        except OSError as error:
            for fd in pipes:
                os.close(fd)
            for one in sockets:
                one.close()
            raise SandboxFailure(f"the sandbox accepts no orders: {error}") from error
        for fd in (stdin, stdout, stderr):
            os.close(fd)
        job.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the worker's ends."""
        for fd in (self._stdin, self._stdout, self._stderr):
            if fd >= 0:
                os.close(fd)
        self._stdin = self._stdout = self._stderr = -1
        self._job.close()

    def wait_until_ready(self, timeout: float) -> list[str]:
        """Wait until the runner is ready; return the privileges it dropped. May be called again.

        Raises:
            SandboxFailure: The runner ended, or was not ready after `timeout` seconds.
        """
        if self._dropped is not None:
            return self._dropped
        self._job.settimeout(timeout)
        try:
            self._wait_for_message(timeout)
            self._dropped = list(Channel(self._job).receive()[READY])
        except (EOFError, ConnectionError) as error:
            raise SandboxFailure("the runner ended before it was ready") from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise SandboxFailure(f"no runner was ready within {timeout:g} s: {error}") from error
        return self._dropped

    def run(
        self,
        job: Job,
        *,
        rlimits: dict[str, tuple[int, int]],
        kill: Callable[[], None],
        cpu_clock: Callable[[], float] | None,
        waits_for_all: bool = False,
        on_output: OnOutput | None = None,
    ) -> Trace:
        """Hand `job` over and follow it to its end.

        Args:
            job: The job.
            rlimits: Soft and hard limit by the name of the resource.
            kill: Kills every process of the job.
            cpu_clock: Returns the CPU seconds that the sandbox has used so far; None without a CPU clock.
            waits_for_all: Whether the end is that of the job's last process instead of the runner's. With
                artifacts it always is.
            on_output: Receives the output while the job runs.

        Raises:
            SandboxFailure: The sandbox failed, not the script.
        """
        tag, data = secrets.token_hex(16), job.stdin.encode()
        deadline = Deadline(job.limits, cpu_clock)
        if waits_for_all or job.artifacts:
            # Before the hand-over, so that the runner cannot have ended.
            self._order_all()
        self._hand_over(job, tag, rlimits)
        stdin, self._stdin = self._stdin, -1
        pump = Pump(
            stdin=stdin,
            data=data,
            outputs=(self._stdout, self._stderr),
            job=self._job,
            takes_folder=bool(job.artifacts),
            tag=tag.encode(),
            control=self._control,
            on_output=on_output,
        )
        try:
            stop_reason = _follow(pump, deadline, kill)
            artifacts, artifacts_truncated = _collect_artifacts(pump, job)
        finally:
            pump.close()
            pump.job_socket.close()
        ended = pump.ended or {}
        cpu = deadline.cpu
        if cpu is None and "cpu" in ended:
            cpu = ended["cpu"] + deadline.worker_cpu
        stdout, stderr = pump.outputs
        return Trace(
            stdout=stdout,
            stderr=stderr,
            started=pump.job_socket.started,
            status=ended.get("status"),
            report=pump.job_socket.report,
            report_overflow=pump.job_socket.report_overflow,
            stop_reason=stop_reason,
            wall=deadline.wall,
            cpu=cpu,
            memory=ended.get("memory"),
            artifacts=artifacts,
            artifacts_truncated=artifacts_truncated,
        )

    def _wait_for_message(self, timeout: float) -> None:
        """Wait until the job socket can be read. Raises EOFError if the sandbox has ended, TimeoutError.

        The end of the control socket is an end of the sandbox too. If a sandbox ends before it receives an
        order, gVisor keeps the descriptors in that order open, so the job socket does not end.
        """
        poll = select.poll()
        poll.register(self._job, select.POLLIN)
        poll.register(self._control, select.POLLIN)
        deadline, greeted = time.monotonic() + timeout, False
        while readable := {fd for fd, _ in poll.poll(max(0.0, deadline - time.monotonic()) * 1000)}:
            greets = not greeted and self._control.fileno() in readable and self._receive_greeting()
            if self._job.fileno() in readable:
                return
            if not greets:
                raise EOFError
            greeted = True
        raise TimeoutError("timed out")

    def _receive_greeting(self) -> bool:
        """Receive an init's greeting from the control socket; leave any other message and return False."""
        if self._control.recv(len(GREETING) + 1, socket.MSG_PEEK) != GREETING:
            return False
        self._control.recv(len(GREETING))
        return True

    def _order_all(self) -> None:
        try:
            self._control.send(ALL)
        except OSError as error:
            raise SandboxFailure(f"the sandbox accepts no orders: {error}") from error

    def _hand_over(self, job: Job, tag: str, rlimits: dict[str, tuple[int, int]]) -> None:
        self._job.settimeout(_HAND_OVER_TIMEOUT)
        channel = Channel(self._job)
        try:
            channel.send(_frame(job, tag, rlimits))
            if job.files:
                with pack(job.files) as contents:
                    channel.send_with(contents, FILES)
        except OSError as error:
            raise SandboxFailure(f"the runner did not accept the job: {error}") from error


def _frame(job: Job, tag: str, rlimits: dict[str, tuple[int, int]]) -> dict[str, Any]:
    """Return the message that hands a job to its runner. Standard input is not in it: it has a pipe."""
    frame: dict[str, Any] = {
        "script": job.script,
        "mode": job.mode,
        "argv": job.argv,
        "inputs": job.inputs,
        "tag": tag,
        "limits": rlimits,
        "result_bytes": RESULT_BYTES,
    }
    # A job without files and artifacts costs the runner nothing more.
    if job.files:
        frame["files"] = [(file.path, len(file.content)) for file in job.files]
    if job.artifacts:
        frame["artifacts"] = True
    return frame


def _follow(pump: Pump, deadline: Deadline, kill: Callable[[], None]) -> StopReason | None:
    """Run the pump until the runner has ended; at a limit, kill the job and return the limit."""
    while not pump.finished:
        if stop_reason := deadline.passed():
            kill()
            _wait_for_end(pump)
            return stop_reason
        pump.step(deadline.until_next())
    return None


def _collect_artifacts(pump: Pump, job: Job) -> tuple[tuple[Artifact, ...], bool]:
    """Return the artifacts, and whether more cannot be listed. Raises SandboxFailure.

    Without the init's report of the end, processes of the job may still write: then there are none. For the
    same reason the init got the order ALL.
    """
    if not (job.artifacts and pump.ended and pump.job_socket.started):
        return (), False
    folder = pump.job_socket.folder
    if folder is None:
        # Past its limit of descriptors, a process gets a message without them (man 7 unix).
        raise SandboxFailure("the worker had no descriptor left for the folder of the job")
    return collect(folder, job.artifacts)


def _wait_for_end(pump: Pump) -> None:
    """Run the pump until a killed runner has ended. Without a report in time, the caller ends the init."""
    deadline = time.monotonic() + _END_TIMEOUT
    while not pump.finished and (left := deadline - time.monotonic()) > 0:
        pump.step(left)
