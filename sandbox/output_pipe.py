"""The pipe of one output of a job, with the first bytes that came through it."""

import os
from typing import Final

from jobs.limits import OUTPUT_BYTES
from sandbox.observation import Output

_CHUNK: Final = 64 * 1024


class OutputPipe:
    """Reads an output up to its cap, at most one byte beyond it.

    Attributes:
        truncated: Whether the output is longer than the cap.
    """

    def __init__(self, fd: int) -> None:
        """Read nothing yet.

        Args:
            fd: The pipe. The caller closes it.
        """
        self._fd = fd
        self._kept = bytearray()
        self.truncated = False

    @property
    def output(self) -> Output:
        """The kept bytes."""
        return Output(bytes(self._kept), self.truncated)

    def read(self) -> int:
        """Read once; return the number of bytes, 0 at the end of the pipe."""
        room = OUTPUT_BYTES - len(self._kept)
        chunk = os.read(self._fd, min(_CHUNK, room + 1))
        self._kept += chunk[:room]
        self.truncated = len(chunk) > room
        return len(chunk)
