"""A file of a cgroup."""

import contextlib
import os
from pathlib import Path


class CgroupFile:
    """A file of a cgroup, opened at its first use and kept open. It may not exist (no swap accounting).

    Attributes:
        written: The text written last.
    """

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path
        self._fd = -1
        self.written: str | None = None

    def read(self) -> bytes:
        """Return the content, at most 16 KB. Raises OSError."""
        return os.pread(self._opened(os.O_RDONLY), 16384, 0)

    def write(self, text: str, *, always: bool = False) -> None:
        """Write `text`, unless it was written last or the file does not exist."""
        if self.written == text and not always:
            return
        with contextlib.suppress(FileNotFoundError):
            os.pwrite(self._opened(os.O_WRONLY), text.encode(), 0)
        self.written = text

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _opened(self, flags: int) -> int:
        if self._fd < 0:
            # For reading and writing if possible: a peak is reset for the descriptor that reads it later.
            try:
                self._fd = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            except OSError:
                self._fd = os.open(self._path, flags | os.O_CLOEXEC)
        return self._fd


def parse_keyed(text: bytes) -> dict[str, int]:
    """Return the numbers of a file with one key and number a line."""
    return {key: int(value) for key, value in (line.split() for line in text.decode().splitlines())}
