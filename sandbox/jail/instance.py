"""The folder of one worker, and the removal of files and cgroups that killed workers left."""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
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
        self._locks = _take_locks(unnamed, fcntl.LOCK_EX, create=True)
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
        self._locks.close()
        _remove_nsjail_leftovers(self._nsjail)


def sweep(cgroups: Hierarchy, parent: Path) -> list[str]:
    """Remove the folders and cgroups that dead workers left; return the workers' ids.

    Args:
        cgroups: Where the cgroups of the workers' jails are made.
        parent: The parent of the workers' folders.
    """
    swept = []
    for folder in _folders(parent):
        # The worker and all its children hold the locks. Getting them proves that they have ended.
        with contextlib.suppress(OSError), _take_locks(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            gone = folder.name.removeprefix(PREFIX)
            hierarchy.remove(cgroups, hierarchy.instance_name(gone))
            shutil.rmtree(folder)
            swept.append(gone)
    return swept


def _take_locks(folder: Path, operation: int, *, create: bool = False) -> contextlib.ExitStack:
    """Lock a folder, and the file in it that workers lock; the result closes both.

    systemd-tmpfiles removes old files from temporary folders, but nothing in a locked folder (tmpfiles.d(5)).
    Otherwise it would remove the file while its worker lives, and others would take the worker for dead.

    Raises:
        BlockingIOError: The operation does not wait, and a worker, or a child of it, holds a lock.
    """
    with contextlib.ExitStack() as held:
        _lock(held, folder, os.O_RDONLY | os.O_DIRECTORY, operation)
        # Without the file, the removal of the folder was cut short. A folder that is being made has another
        # name until it is locked.
        with contextlib.suppress(FileNotFoundError):
            _lock(held, folder / _LOCK, os.O_RDWR | os.O_CREAT * create, operation)
        return held.pop_all()


def _lock(held: contextlib.ExitStack, path: Path, flags: int, operation: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    held.callback(os.close, descriptor)
    fcntl.flock(descriptor, operation)


def _folders(parent: Path) -> list[Path]:
    """Return the folders of workers in `parent` that belong to our user."""
    device = parent.stat().st_dev
    return [
        folder
        for folder in parent.glob(PREFIX + "*")
        if _NAME.fullmatch(folder.name) and _is_mine(folder, device)
    ]


def _is_mine(folder: Path, device: int) -> bool:
    """Return whether it is a folder of our user on the device, and no mount of another user's."""
    try:
        found = folder.lstat()
    except OSError:
        # It is gone, or it is the file system of another user, which refuses even root.
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and found.st_dev == device


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
