"""Discard a job's output past its cap, inside the sandbox.

Reading an output costs about as much CPU time as writing it. So the worker keeps the first bytes of an output
and hands its pipe over to the init of the job. The kernel counts the init of a jail with the job: reading
uses up the job's CPU quota and limit. Where the kernel does not, the init pauses after each read.
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

#: The most bytes of one read, and the most bytes that a pipe can hold on most hosts.
_CHUNK: Final = 64 * 1024
_LARGE_PIPE: Final = 1024 * 1024

#: The shortest and the longest pause after a read, in milliseconds, and the discarded bytes after which a
#: pause is one millisecond longer. 100 MB take about 0.6 s, and a job that writes for ever costs the init at
#: most one percent of a CPU.
_MIN_PAUSE: Final = 5
_MAX_PAUSE: Final = 50
_BYTES_OF_MILLISECOND: Final = 10 * 1024 * 1024


class Discard:
    """The pipes of one job that the worker has handed over."""

    def __init__(self, poll: select.poll, pause: Callable[[float], object] | None = None) -> None:
        """Take no pipe yet.

        Args:
            poll: The poll object to register the pipes with.
            pause: Waits for at most a number of milliseconds; None to read without pauses.
        """
        self._poll = poll
        self._pause = pause
        self._chunk = _LARGE_PIPE if pause else _CHUNK
        self._fds: list[int] = []
        self._size = 0

    def add(self, fds: list[int]) -> None:
        """Take over the pipes `fds`."""
        for fd in fds:
            if self._pause:
                _enlarge(fd)
            self._poll.register(fd, select.POLLIN)
        self._fds += fds

    def read(self, fd: int) -> None:
        """Discard what is in `fd`, if it is one of the pipes."""
        if fd not in self._fds:
            return
        size = len(posix.read(fd, self._chunk))
        self._size += size
        if not size:
            self._fds.remove(fd)
            self._close(fd)
        elif self._pause:
            self._pause(min(_MIN_PAUSE + self._size // _BYTES_OF_MILLISECOND, _MAX_PAUSE))

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
