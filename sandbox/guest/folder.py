"""The working folder of a job: the files of the client in it, and its descriptor for the worker.

The worker reads the artifacts through this descriptor. Both functions run before the script starts.
"""

from __future__ import annotations

import posix

from sandbox.guest.report import FILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: The working folder, with `/` at the end.
_FOLDER: Final = FILE.rpartition("/")[0] + "/"

_PIECE: Final = 64 * 1024


def fill(files: list[tuple[str, int]], contents: int) -> None:
    """Write the files of a job. Raises OSError.

    Args:
        files: The path and the size of each.
        contents: A file with the contents of all, one after the other. It is closed.
    """
    position = 0
    for path, size in files:
        _make_folders(path)
        flags = posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL | posix.O_NOFOLLOW
        file = posix.open(_FOLDER + path, flags, 0o644)
        end = position + size
        while position < end:
            piece = posix.pread(contents, min(_PIECE, end - position), position)
            position += posix.write(file, piece)
        posix.close(file)
    posix.close(contents)


def open_for_worker() -> int:
    """Return a descriptor of the folder with which the worker can read it after the end of its namespaces."""
    # Not O_PATH: the worker lists the folder through this descriptor, even if the script takes away all
    # permissions.
    return posix.open(_FOLDER, posix.O_RDONLY | posix.O_DIRECTORY)


def _make_folders(path: str) -> None:
    """Make the folders of a file that are not there yet."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        try:
            posix.mkdir(_FOLDER + "/".join(parts[:count]), 0o755)
        except FileExistsError:
            continue
