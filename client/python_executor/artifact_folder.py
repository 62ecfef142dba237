"""A folder into which artifacts are saved.

The script chose their paths, so they are hostile: no file is written outside of the folder, none through a
link, and none in the place of another file unless the caller asks for it. `decode` has refused paths with
`..`. The folders on the way are opened one in the other, by descriptors, and never through a link.
"""

import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Whether the system opens files relative to a folder, and refuses links. Windows does neither.
_DESCRIPTORS: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

#: What separates the parts of a path or has another meaning in one, and names of devices, for Windows.
_SPECIAL: Final = frozenset('\\:*?"<>|')
_DEVICE: Final = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³])\s*(\.|$)", re.IGNORECASE
)


class ArtifactFolder:
    """A folder for artifacts."""

    def __init__(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write nothing yet.

        Args:
            folder: The folder. It is made if it is missing. It may be a link itself.
            overwrite: Whether files that exist are replaced.
        """
        self._folder, self._overwrite = Path(folder), overwrite

    def check(self, paths: Iterable[str]) -> None:
        """Check before anything is written that there are no such files.

        Raises:
            FileExistsError: One is there, and must not be replaced.
        """
        for path in paths:
            if not self._overwrite and os.path.lexists(self._folder / path):
                raise FileExistsError(f"{str(self._folder / path)!r} exists")

    def write(self, path: str, content: bytes) -> Path:
        """Write a file, and make the folders on its way; return its path.

        Raises:
            FileExistsError: It is there, and must not be replaced.
            OSError: A link or a file is in the place of a folder, a folder in the place of the file, or the
                file cannot be written.
        """
        *folders, name = path.split("/")
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / path
        if not _DESCRIPTORS:
            _check_without_descriptors(self._folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            return self._write(None, str(target), target, content)
        with _open_folder(self._folder, folders) as parent:
            return self._write(parent, name, target, content)

    def _write(self, parent: int | None, name: str, target: Path, content: bytes) -> Path:
        # The new file replaces the old one as a whole. A link is replaced too, instead of being followed.
        written = str(Path(name).with_name(f".{secrets.token_hex(8)}.part")) if self._overwrite else name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(written, flags, 0o666, dir_fd=parent)
        except FileExistsError:
            raise FileExistsError(f"{str(target)!r} exists") from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            if self._overwrite:
                os.replace(written, name, src_dir_fd=parent, dst_dir_fd=parent)
        except BaseException:
            with suppress(OSError):
                os.unlink(written, dir_fd=parent)
            raise
        return target


@contextmanager
def _open_folder(root: Path, folders: Iterable[str]) -> Iterator[int]:
    """Open a folder in another, and make what is missing on the way."""
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        place = root
        for name in folders:
            place /= name
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=current)
            try:
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=current)
            except OSError as error:
                if error.errno not in (errno.ENOTDIR, errno.ELOOP):  # for a link systems differ
                    raise
                raise _no_folder(place) from None
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)


def _check_without_descriptors(root: Path, path: str) -> None:
    parts = path.split("/")
    if any(_SPECIAL & set(part) or part[-1] in " ." or _DEVICE.match(part) for part in parts):
        raise OSError(f"{path!r} is no path of a file on this system")
    for n in range(1, len(parts)):
        place = root.joinpath(*parts[:n])
        if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
            raise _no_folder(place)


def _no_folder(place: Path) -> NotADirectoryError:
    return NotADirectoryError(f"{str(place)!r} is a link or a file, not a folder")
