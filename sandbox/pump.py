"""Moves a job's bytes, under caps, until its init says that nothing of it is left."""

import contextlib
import fcntl
import json
import math
import os
import select
import socket
import struct
import termios
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from jobs.limits import OUTPUT_BYTES, RESULT_BYTES
from sandbox.guest.channel import PIECE, Channel, Collector
from sandbox.guest.runner import STARTED
from sandbox.verdict import Output

#: The most that is kept of a report: the result and a frame around it (bytes).
REPORT_BYTES: Final = RESULT_BYTES + 128 * 1024

#: As it comes.
_STARTED: Final = json.dumps(STARTED).encode()

_CHUNK: Final = 64 * 1024

#: An output that gave a small piece is left alone for some seconds, in which its pipe has room for more:
#: a script that writes byte by byte would cost the worker as much as itself.
_SMALL: Final = 8 * 1024
_REST: Final = 0.001

#: Seconds in which a job is only asked whether it has ended: most that are short end in them, and each of
#: their words would wake the worker. Pipes and sockets have room for more than a job says in that time.
_FIRST_LOOK: Final = 0.003

#: The most packets that are read: a runner needs forty for its longest report, and each costs the worker
#: more than it costs the script that sends it.
_PACKETS: Final = 512

#: Looks at what an ended runner left: more than the packets the kernel keeps for one socket, and
#: than the pieces of the largest pipe. Bounded, because the init of a jail that is gone said nothing.
_LOOKS: Final = 4096


class Pump:
    """Feeds stdin, drains stdout, stderr and the job socket, and hears how the runner ended.

    A full pipe would block the script for ever, so what is past a cap is read and dropped.

    The end is the init's word, or its own end, and never that of a pipe: a script can tie its outputs
    into a knot of descriptors in flight, sockets that are held by each other's unread messages only,
    which outlives every process until the kernel next looks for such garbage.
    """

    def __init__(
        self,
        *,
        stdin: int,
        data: bytes,
        outputs: tuple[int, int],
        job: socket.socket,
        tag: bytes,
        control: socket.socket,
    ) -> None:
        """Take the host's ends of a runner's descriptors; they stay the caller's to close.

        stdin is the exception: it is closed when `data` is written, so that the script sees its end.
        """
        self.ended: dict[str, Any] | None = None
        self.started = False
        self._stdin, self._data = stdin, memoryview(data)
        self._outputs = {fd: _Kept() for fd in outputs}
        self._job, self._control = job, control
        self._tag = tag
        self._report = Collector(tag, limit=REPORT_BYTES)
        self._packets = 0
        self._resting = [*outputs, job.fileno()]
        self._rest_ends = time.monotonic() + _FIRST_LOOK
        self._heard: dict[int, Callable[[int], None]] = {fd: partial(self._drain, fd) for fd in outputs}
        self._heard |= {job.fileno(): self._hear, control.fileno(): self._listen}
        job.setblocking(False)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        os.set_blocking(stdin, False)
        self._poll.register(stdin, select.POLLOUT)
        self._feed()

    @property
    def finished(self) -> bool:
        """Whether the runner has ended and all it wrote is here."""
        return self._control.fileno() not in self._heard

    @property
    def outputs(self) -> tuple[Output, Output]:
        """What is kept of stdout and of stderr."""
        first, second = self._outputs.values()
        return first.output(), second.output()

    @property
    def report(self) -> bytes | None:
        """The runner's report, None where none arrived whole."""
        return self._report.data if self._report.complete and not self._report.overflow else None

    @property
    def report_overflow(self) -> bool:
        """Whether a report arrived that was larger than any may be."""
        return self._report.complete and self._report.overflow

    def step(self, timeout: float) -> None:
        """Move what can be moved, waiting at most `timeout` seconds for the first byte."""
        if self._resting:
            timeout = min(timeout, self._rest_ends - time.monotonic())
        for fd, events in self._poll.poll(max(0, timeout) * 1000):
            # One that an earlier event of the same look has ended is in neither place any more.
            if fd in self._heard:
                self._heard[fd](events)
            elif fd == self._stdin:
                self._feed()
        if self._resting and time.monotonic() >= self._rest_ends:
            for fd in self._resting:
                # One that has ended meanwhile, or whose last word was heard, is not there any more.
                if fd in self._heard:
                    self._poll.register(fd, select.POLLIN)
            self._resting.clear()

    def close(self) -> None:
        """Close stdin, if it still is open."""
        if self._stdin >= 0:
            self._poll.unregister(self._stdin)
            os.close(self._stdin)
            self._stdin = -1

    def _drain(self, fd: int, _events: int) -> None:
        chunk = os.read(fd, _CHUNK)
        if not chunk:
            self._end(fd)
            return
        self._outputs[fd].add(chunk)
        if len(chunk) < _SMALL and fd not in self._resting:
            if not self._resting:
                self._rest_ends = time.monotonic() + _REST
            self._mute(fd)
            self._resting.append(fd)

    def _feed(self) -> None:
        try:
            while self._data:
                self._data = self._data[os.write(self._stdin, self._data) :]
        except BlockingIOError:
            return
        except OSError:
            pass  # The script closed its stdin; what is left of it is nobody's.
        self.close()

    def _hear(self, events: int) -> None:
        try:
            packet = self._job.recv(PIECE * 2)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        self._packets += 1
        if self._packets > _PACKETS:
            self._cut_off()
        elif packet:
            self._take(packet)
        elif events & (select.POLLHUP | select.POLLERR) and not self._unread():
            self._end(self._job.fileno())
        # Else it is an empty packet, which a script can send and which looks like an end.

    def _unread(self) -> bool:
        """Say whether packets are left that the runner sent before it closed its end."""
        return struct.unpack("i", fcntl.ioctl(self._job, termios.FIONREAD, bytes(4))) != (0,)

    def _cut_off(self) -> None:
        """Read no more of a flood; none of it counts, and who sends more is told that nobody listens."""
        self._report = Collector(self._tag, limit=REPORT_BYTES)
        with contextlib.suppress(OSError):
            self._job.shutdown(socket.SHUT_RD)
        self._end(self._job.fileno())

    def _take(self, packet: bytes) -> None:
        if self._report.complete or not self._report.add(packet):
            return
        if self.started:
            self._listen_only()
        else:
            # The first message is from before the script's first byte, so it is the runner's own.
            self.started = self._report.data == _STARTED
            self._report = Collector(self._tag, limit=REPORT_BYTES)

    def _listen_only(self) -> None:
        """Listen to nobody but init: a runner that has reported ends, and each of its ends would wake us."""
        self._end(self._job.fileno())
        outputs = [fd for fd in self._outputs if fd in self._heard]
        for fd in outputs:
            self._mute(fd)
        self._resting, self._rest_ends = outputs, math.inf

    def _listen(self, _events: int) -> None:
        with contextlib.suppress(EOFError, OSError, ValueError):
            said = Channel(self._control).receive()
            # If it is another init that greets, this one did not come to say how its runner ended.
            self.ended = said if isinstance(said, dict) else None
        self._end(self._control.fileno())
        self.close()
        self._take_the_rest()

    def _take_the_rest(self) -> None:
        """Take what a runner that has ended had still written: nobody writes any more."""
        rest = select.poll()
        for fd in self._heard:
            rest.register(fd, select.POLLIN)
        for _ in range(_LOOKS):
            # A socket that has ended can be read for ever.
            ready = [(fd, ev) for fd, ev in rest.poll(0) if ev & select.POLLIN and fd in self._heard]
            if not ready:
                break
            for fd, events in ready:
                self._heard[fd](events)

    def _end(self, fd: int) -> None:
        del self._heard[fd]
        self._mute(fd)

    def _mute(self, fd: int) -> None:
        if fd not in self._resting:
            self._poll.unregister(fd)


class _Kept:
    """The first bytes of an output."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._truncated = False

    def add(self, chunk: bytes) -> None:
        room = OUTPUT_BYTES - len(self._bytes)
        self._bytes += chunk[:room]
        self._truncated = self._truncated or len(chunk) > room

    def output(self) -> Output:
        return Output(bytes(self._bytes), self._truncated)
