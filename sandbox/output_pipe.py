"""The pipe of one output of a job, with the first bytes that came through it."""

import os
from collections.abc import Callable
from typing import Final

from jobs.limits import OUTPUT_BYTES
from sandbox.observation import Output

_CHUNK: Final = 64 * 1024


class OutputPipe:
    """Reads an output up to its cap, at most one byte beyond it.

    A read never blocks. A readable pipe may hold no byte: from Linux 5.5 to 6.14, a write from a bad address
    leaves an empty buffer in it (fs/pipe.c, pipe_write). The script cannot undo the setting of this end.

    Attributes:
        truncated: Whether the output is longer than the cap.
        ended: Whether every end for writing is closed and the pipe is empty.
    """

    def __init__(self, fd: int, on_read: Callable[[bytes], None] | None = None) -> None:
        """Read nothing yet.

        Args:
            fd: The pipe. The caller closes it.
            on_read: Receives the kept bytes of each read.
        """
        self._fd = fd
        self._on_read = on_read
        self._kept = bytearray()
        self.truncated = self.ended = False
        os.set_blocking(fd, False)

    @property
    def output(self) -> Output:
        """The kept bytes."""
        return Output(bytes(self._kept), self.truncated)

    def read(self) -> int:
        """Read once; return the number of bytes."""
        room = OUTPUT_BYTES - len(self._kept)
        try:
            chunk = os.read(self._fd, min(_CHUNK, room + 1))
        except BlockingIOError:
            return 0
        self.ended = not chunk
        kept = chunk[:room]
        self._kept += kept
        self.truncated = len(chunk) > room
        if self._on_read and kept:
            self._on_read(kept)
        return len(chunk)
