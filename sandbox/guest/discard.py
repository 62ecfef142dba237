"""Discard a job's output past its cap, inside the sandbox.

Reading an output costs about as much CPU time as writing it. So the worker keeps the first bytes of an output
and hands its pipe over to the init of the job (in a slot, the zygote). In a jail the kernel counts this
process with the job: its reads use up the job's CPU quota and limit. In the restricted executor the kernel
does not. There the pauses between the reads are longer.
"""

from __future__ import annotations

import posix
import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

#: The worker's order that comes with the pipe of an output.
DISCARD: Final = b"discard"

#: The most bytes of one read where the kernel counts the init with the job. After two reads of fewer than
#: _SMALL bytes the init pauses for _PAUSE milliseconds: otherwise each write of a few bytes would wake it.
#: One such read says little, because the first page of a large write wakes the init too.
_CHUNK: Final = 64 * 1024
_SMALL: Final = 8 * 1024
_PAUSE: Final = 1

#: In the restricted executor: the size of the pipe and of a read, the shortest and the longest pause after a
#: read, in milliseconds, and the discarded bytes after which a pause is one millisecond longer. 100 MB take
#: about 0.6 s, and a job that writes for ever costs the init about one percent of a CPU.
_LARGE_PIPE: Final = 1024 * 1024
_MIN_PAUSE: Final = 5
_MAX_PAUSE: Final = 50
_BYTES_PER_MILLISECOND: Final = 10 * 1024 * 1024


class Discard:
    """The pipes of one job that the worker has handed over."""

    def __init__(self, poll: select.poll, pause: Callable[[float], object], *, counted: bool) -> None:
        """Take no pipe yet.

        Args:
            poll: The poll object to register the pipes with.
            pause: Waits for at most a number of milliseconds.
            counted: Whether the kernel counts the CPU time of this process with that of the job.
        """
        self._poll = poll
        self._pause = pause
        self._counted = counted
        self._fds: list[int] = []
        self._size = 0
        self._last_size = 0

    def add(self, fds: list[int]) -> None:
        """Take over the pipes `fds`, which do not block (sandbox/output_pipe.py)."""
        for fd in fds:
            if not self._counted:
                _enlarge(fd)
            self._poll.register(fd, select.POLLIN)
        self._fds += fds

    def read(self, fd: int) -> None:
        """Discard the content of `fd`, if it is one of the pipes."""
        if fd not in self._fds:
            return
        try:
            size = len(posix.read(fd, _CHUNK if self._counted else _LARGE_PIPE))
            ended = not size
        except BlockingIOError:
            size, ended = 0, False
        self._size += size
        if ended:
            self._fds.remove(fd)
            self._close(fd)
        elif not self._counted:
            self._pause(min(_MIN_PAUSE + self._size // _BYTES_PER_MILLISECOND, _MAX_PAUSE))
        elif max(size, self._last_size) < _SMALL:
            self._pause(_PAUSE)
        self._last_size = size

    def close(self) -> None:
        """Close the pipes."""
        while self._fds:
            self._close(self._fds.pop())

    def _close(self, fd: int) -> None:
        self._poll.unregister(fd)
        posix.close(fd)


def _enlarge(pipe: int) -> None:
    """Make room for what the job writes during a pause."""
    # A fresh jail never gets here, and would pay for this import with each job.
    import fcntl

    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _LARGE_PIPE)
    except OSError:
        # The pipes of the user have reached the host's limit. The job waits more often for room.
        return
