"""Move a job's input, output and report until its init reports that the runner has ended.

    worker                    runner
      data   --stdin pipe-->  standard input
      output <--stdout pipe-- standard output, read up to OUTPUT_BYTES
      output <--stderr pipe-- standard error, read up to OUTPUT_BYTES
      report <--job socket--  STARTED, then the report, kept up to REPORT_BYTES
      ended  <--control-----  the init's message, which ends the pump

Only the control socket is trusted. All other input costs the worker a bounded number of bytes and reads:
    outputs     OUTPUT_BYTES and one byte each. The init discards the rest (sandbox/guest/discard.py). After
                reads of few bytes the pump pauses, for up to _MAX_PAUSE
    job socket  a number of packets (sandbox/job_socket.py)
    stdin       one write, or where the pipe cannot be large enough one for each page that the script reads
    end         _MAX_FINAL_POLLS polls
The worker's CPU time for a job counts as the job's (sandbox/deadline.py).
"""

import contextlib
import fcntl
import math
import os
import select
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from jobs.stream import Stream
from sandbox.errors import SandboxFailure
from sandbox.guest.channel import Channel
from sandbox.guest.discard import DISCARD
from sandbox.job_socket import JobSocket
from sandbox.observation import Output
from sandbox.output_pipe import OutputPipe
from sandbox.protocol import OnOutput

#: The bytes that a pipe holds by default.
_PIPE_BYTES: Final = 64 * 1024

#: After a read of fewer than _SMALL bytes, an output is not read for _MIN_PAUSE seconds. Its pipe has room
#: meanwhile. Each further small read doubles the pause up to _MAX_PAUSE. Without pauses, a script that writes
#: byte by byte would cost the worker as much CPU time as the script itself uses.
_SMALL: Final = 8 * 1024
_MIN_PAUSE: Final = 0.001
_MAX_PAUSE: Final = 0.032

#: Seconds after the start in which only the control socket is read. Most short jobs end within that time, and
#: each of their writes would wake the worker. Pipes and sockets buffer more than a job writes in that time.
_FIRST_PAUSE: Final = 0.003

#: The most polls for the rest of an ended runner's output: more than the packets that the kernel keeps for
#: one socket and the pieces of the largest pipe. If the init has died without a report, processes of the job
#: may still be writing, so the number must have a bound.
_MAX_FINAL_POLLS: Final = 4096


class Pump:
    """Writes stdin, reads stdout, stderr and the job socket, and receives the init's report of the end.

    A full pipe would block the script for ever, so the init discards the rest of an output past its cap.

    The pump ends with the init's message, or with the end of the control socket, and never with the end of
    a pipe. A script can send its output pipes in messages over sockets, and hold those sockets open only by
    each other's unread messages (in-flight SCM_RIGHTS descriptors). Such pipes stay open after every process
    has ended, until the kernel collects them.

    Attributes:
        ended: The init's message about the end of the runner, None if no message came.
        job_socket: The runner's messages.
    """

    def __init__(
        self,
        *,
        stdin: int,
        data: bytes,
        outputs: tuple[int, int],
        job: socket.socket,
        takes_folder: bool = False,
        tag: bytes,
        control: socket.socket,
        on_output: OnOutput | None = None,
    ) -> None:
        """Take the worker's ends of a runner's descriptors.

        Args:
            stdin: The pipe to standard input. The pump closes it, so that the script sees its end.
            data: The bytes for standard input.
            outputs: The pipes of standard output and error. The caller closes them.
            job: The job socket. The caller closes it.
            takes_folder: Whether the runner sends its working folder.
            tag: The tag that marks the packets of the runner.
            control: The control socket.
            on_output: Receives the kept bytes of each read of an output.
        """
        self.ended: dict[str, Any] | None = None
        self._stdin, self._data = stdin, memoryview(data)
        self._outputs = {
            fd: OutputPipe(fd, on_output and partial(on_output, stream))
            for fd, stream in zip(outputs, Stream, strict=True)
        }
        self.job_socket = JobSocket(job, tag, takes_folder=takes_folder)
        self._control = control
        self._paused = [*outputs, job.fileno()]
        self._pause_ends = time.monotonic() + _FIRST_PAUSE
        self._pause = _MIN_PAUSE
        self._handlers: dict[int, Callable[[int], None]] = {
            fd: partial(self._read_output, fd) for fd in outputs
        }
        self._handlers |= {
            job.fileno(): partial(self._read_job, job.fileno()),
            control.fileno(): self._read_control,
        }
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._poll.register(stdin, select.POLLOUT)
        if data:
            os.set_blocking(stdin, False)
        if len(data) > _PIPE_BYTES:
            with contextlib.suppress(OSError):
                fcntl.fcntl(stdin, fcntl.F_SETPIPE_SZ, len(data))
        self._feed()

    @property
    def finished(self) -> bool:
        """Whether the runner has ended and all of its output has been read."""
        return self._control.fileno() not in self._handlers

    @property
    def outputs(self) -> tuple[Output, Output]:
        """The kept bytes of stdout and of stderr."""
        first, second = self._outputs.values()
        return first.output, second.output

    def step(self, timeout: float) -> None:
        """Move the bytes that are ready, waiting at most `timeout` seconds for the first."""
        if self._paused:
            timeout = min(timeout, self._pause_ends - time.monotonic())
        for fd, events in self._poll.poll(max(0, timeout) * 1000):
            # After the end, _read_rest has emptied the pipes.
            if self.finished:
                return
            if fd in self._handlers:
                self._handlers[fd](events)
            elif fd == self._stdin:
                self._feed()
        if self._paused and time.monotonic() >= self._pause_ends:
            for fd in self._paused:
                # A descriptor that reached its end during the pause has no handler any more.
                if fd in self._handlers:
                    self._poll.register(fd, select.POLLIN)
            self._paused.clear()

    def close(self) -> None:
        """Close stdin, if it is still open."""
        if self._stdin >= 0:
            self._poll.unregister(self._stdin)
            os.close(self._stdin)
            self._stdin = -1

    def _read_output(self, fd: int, _events: int) -> None:
        output = self._outputs[fd]
        size = output.read()
        if output.ended:
            self._stop_reading(fd)
        elif output.truncated:
            self._hand_over(fd)
        elif size >= _SMALL:
            self._pause = _MIN_PAUSE
        elif fd not in self._paused:
            if not self._paused:
                self._pause_ends = time.monotonic() + self._pause
                self._pause = min(2 * self._pause, _MAX_PAUSE)
            self._unregister(fd)
            self._paused.append(fd)

    def _hand_over(self, fd: int) -> None:
        """Stop reading an output; let the init discard the rest, unless the runner has ended."""
        self._stop_reading(fd)
        if self.finished:
            return
        try:
            socket.send_fds(self._control, [DISCARD], [fd])
        except ConnectionError:
            return  # The sandbox has ended, and the control socket says so too.
        except OSError as error:
            raise SandboxFailure(f"cannot hand an output over to the init: {error}") from error

    def _feed(self) -> None:
        try:
            while self._data:
                self._data = self._data[os.write(self._stdin, self._data) :]
        except BlockingIOError:
            return
        except OSError:
            pass  # The script closed its stdin; the rest of the data is dropped.
        self.close()

    def _read_job(self, fd: int, events: int) -> None:
        self.job_socket.read(events)
        if self.job_socket.ended:
            self._stop_reading(fd)
        if self.job_socket.complete:
            self._read_only_control()

    def _read_only_control(self) -> None:
        """Read only the control socket from now on.

        The runner has reported and is about to end. Each pipe that it closes would wake the worker.
        """
        outputs = [fd for fd in self._outputs if fd in self._handlers]
        for fd in outputs:
            self._unregister(fd)
        self._paused, self._pause_ends = outputs, math.inf

    def _read_control(self, _events: int) -> None:
        with contextlib.suppress(EOFError, OSError, ValueError):
            message = Channel(self._control).receive()
            # A greeting comes from the next init: the init of this job died before it reported the end.
            self.ended = message if isinstance(message, dict) else None
        self._stop_reading(self._control.fileno())
        self.close()
        self._read_rest()

    def _read_rest(self) -> None:
        """Read the output that the runner wrote before its end."""
        rest = select.poll()
        for fd in self._handlers:
            rest.register(fd, select.POLLIN)
        for _ in range(_MAX_FINAL_POLLS):
            # A closed socket stays readable, so count only events of descriptors still in use.
            ready = [(fd, ev) for fd, ev in rest.poll(0) if ev & select.POLLIN and fd in self._handlers]
            if not ready:
                break
            for fd, events in ready:
                self._handlers[fd](events)

    def _stop_reading(self, fd: int) -> None:
        del self._handlers[fd]
        self._unregister(fd)

    def _unregister(self, fd: int) -> None:
        if fd not in self._paused:
            self._poll.unregister(fd)
