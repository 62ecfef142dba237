"""The folder of one worker, and the removal of files and cgroups that killed workers left."""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

from sandbox.jail import hierarchy, state_folder
from sandbox.jail.hierarchy import PREFIX, Hierarchy

_LOCK: Final = "lock"

#: The names of the folders of workers. Another folder with this prefix may be an operator's.
_ID_BYTES: Final = 6
_NAME: Final = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * _ID_BYTES}}}")

#: nsjail's own mount points: empty folders that it makes at fixed paths and never removes.
_NSJAIL_FOLDER: Final = "/tmp"  # noqa: S108
_NSJAIL_LEFTOVERS: Final = ("root", "tmp")


class Instance:
    """The folder of one worker, locked for as long as the worker or a child of it lives."""

    def __init__(self, cgroups: Hierarchy, parent: Path | None = None) -> None:
        """Remove the folders and cgroups of dead workers in `parent`, then make a folder there.

        Args:
            cgroups: Where the cgroups of the worker's jails are made.
            parent: The parent folder; None lets `state_folder` choose one.

        Raises:
            SandboxFailure: No jail could have its root in the folder.
            OSError: The folder could not be made.
        """
        self._cgroups = cgroups
        self._parent = state_folder.choose(parent)
        self._nsjail = _hold_nsjail_folder()
        sweep(cgroups, self._parent)
        self.id = secrets.token_hex(_ID_BYTES)
        self.path = self._parent / (PREFIX + self.id)
        # Give the folder its final name only when it is locked: another worker may be sweeping right now.
        unnamed = Path(tempfile.mkdtemp(prefix="pyx-", dir=self._parent))
        self._lock = os.open(unnamed / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        # The jail's user passes through the folder to the root of its jail, but cannot list it.
        unnamed.chmod(0o711)
        unnamed.rename(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder, and the cgroups made under this instance's name."""
        hierarchy.remove(self._cgroups, hierarchy.instance_name(self.id))
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self._lock)
        _remove_nsjail_leftovers(self._nsjail)


def sweep(cgroups: Hierarchy, parent: Path) -> list[str]:
    """Remove the folders and cgroups that dead workers left; return the workers' ids.

    Args:
        cgroups: Where the cgroups of the workers' jails are made.
        parent: The parent of the workers' folders.
    """
    swept = []
    for folder in _folders(parent):
        with contextlib.suppress(OSError), _lock_of_dead_worker(folder):
            gone = folder.name.removeprefix(PREFIX)
            hierarchy.remove(cgroups, hierarchy.instance_name(gone))
            shutil.rmtree(folder)
            swept.append(gone)
    return swept


@contextlib.contextmanager
def _lock_of_dead_worker(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder. Raises BlockingIOError if its worker, or a child of it, lives."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        # The removal of the folder was cut short. A folder that is being made has another name until it has
        # its lock.
        yield
        return
    try:
        # The owner and all its children hold the lock. Getting the lock proves that they have ended.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def _folders(parent: Path) -> list[Path]:
    """Return the folders of workers in `parent` that belong to our user."""
    mine = os.geteuid()
    return [
        folder
        for folder in parent.glob(PREFIX + "*")
        if _NAME.fullmatch(folder.name)
        and folder.is_dir()
        and not folder.is_symlink()
        and folder.lstat().st_uid == mine
    ]


def _hold_nsjail_folder() -> int:
    """Take a shared lock on the folder where nsjail mounts: this worker may be starting jails."""
    folder = os.open(_NSJAIL_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    # Do not wait: any user of the host can hold this lock.
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(folder, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return folder


def _remove_nsjail_leftovers(folder: int) -> None:
    """Remove nsjail's mount points, unless another worker may be starting jails."""
    with contextlib.suppress(OSError):
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for purpose in _NSJAIL_LEFTOVERS:
            os.rmdir(f"{_NSJAIL_FOLDER}/nsjail.{os.getuid()}.{purpose}")
    with contextlib.suppress(OSError):
        os.close(folder)
