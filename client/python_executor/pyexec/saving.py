"""Saving of artifacts, whose names a script has chosen.

Nothing is written outside of the folder, also if there are links in it, or if another program makes them
meanwhile: each folder on the way is opened relative to the one before, and no link is followed. A file that
is there is kept, unless it may be replaced. A link is replaced itself, not its target.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from python_executor.artifact import Artifact

_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NEW_FILE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
)


class NotSaved(Exception):
    """An artifact cannot be saved. The message says why."""


def save(artifact: Artifact, folder: Path, *, overwrite: bool) -> None:
    """Download an artifact into a folder, under its own path.

    Args:
        artifact: The artifact.
        folder: The folder; it is made if it is not there.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        NotSaved: The path leads out of the folder, is taken, or cannot be written.
        PythonExecutorError: The artifact cannot be downloaded.
    """
    *folders, name = _parts(artifact.path)
    content = artifact.bytes()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _open_folder(folder, folders) as opened:
            _write(opened, name, content, overwrite=overwrite)
    except FileExistsError:
        raise NotSaved("a file of this name is there") from None
    except OSError as error:
        raise NotSaved(error.strerror or str(error)) from None


def _parts(path: str) -> list[str]:
    """Return the parts of a path. Raises NotSaved if it is not a plain relative path."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise NotSaved("its path leads out of the folder")
    if not path.isprintable() or (os.name == "nt" and any(one in '<>:"|?*\\' for one in path)):
        raise NotSaved("its path has characters that no file name should have")
    return parts


@contextmanager
def _open_folder(folder: Path, names: list[str]) -> Iterator[int]:
    """Yield a descriptor of a folder in a folder, and make the ones on the way."""
    opened = os.open(folder, _FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
    try:
        for name in names:
            try:
                inner = os.open(name, _FOLDER, dir_fd=opened)
            except FileNotFoundError:
                os.mkdir(name, dir_fd=opened)
                inner = os.open(name, _FOLDER, dir_fd=opened)
            os.close(opened)
            opened = inner
        yield opened
    finally:
        os.close(opened)


def _write(folder: int, name: str, content: bytes, *, overwrite: bool) -> None:
    written = f".{uuid4().hex}.part" if overwrite else name
    file = os.open(written, _NEW_FILE, 0o666, dir_fd=folder)
    try:
        with open(file, "wb") as opened:  # noqa: PTH123
            opened.write(content)
        if overwrite:
            os.replace(written, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        # Also when the user interrupts: half a file would look like a whole one.
        os.unlink(written, dir_fd=folder)
        raise
