"""What one worker keeps on disk, and how the next one finds what a killed worker left."""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Final, Self

from sandbox.jail import cgroup

_PREFIX: Final = "python-executor-"
_LOCK: Final = "lock"

#: nsjail's own mount points: empty folders it makes at fixed places and never removes.
_NSJAIL_LEFTOVERS: Final = ("root", "tmp")


class Instance:
    """A folder of one worker, locked for as long as the worker or a child of it lives."""

    def __init__(self, parent: Path | None = None) -> None:
        """Sweep what dead workers left in `parent` (the temporary folder), then make a folder."""
        self._parent = parent or Path(tempfile.gettempdir())
        sweep(self._parent)
        self.id = secrets.token_hex(6)
        self.path = self._parent / (_PREFIX + self.id)
        self.path.mkdir(mode=0o700)
        self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # The jail's user walks through here to the root of its jail, and can list nothing.
        self.path.chmod(0o711)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder, and the cgroups made under this instance's name."""
        cgroup.remove(cgroup.instance_name(self.id))
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)
        if not _folders(self._parent):
            _remove_nsjail_leftovers()


def sweep(parent: Path) -> list[str]:
    """Remove what workers that are gone left in `parent`; return their ids."""
    swept = []
    for folder in _folders(parent):
        with contextlib.suppress(OSError):
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                # Held by the owner and all its children: to get it is to know they are gone.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                gone = folder.name.removeprefix(_PREFIX)
                cgroup.remove(cgroup.instance_name(gone))
                shutil.rmtree(folder)
                swept.append(gone)
            finally:
                os.close(lock)
    return swept


def _folders(parent: Path) -> list[Path]:
    """Return the instance folders in `parent` that belong to our user."""
    mine = os.geteuid()
    return [
        folder
        for folder in parent.glob(_PREFIX + "*")
        if folder.is_dir() and not folder.is_symlink() and folder.lstat().st_uid == mine
    ]


def _remove_nsjail_leftovers() -> None:
    for purpose in _NSJAIL_LEFTOVERS:
        with contextlib.suppress(OSError):
            os.rmdir(f"/tmp/nsjail.{os.getuid()}.{purpose}")  # noqa: S108
