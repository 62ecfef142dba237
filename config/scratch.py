"""A folder in the system's temporary one, for as long as its processes live."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path


def scratch_folder(prefix: str) -> str:
    """Make a folder for this process and those it forks; sweep away those of which all are gone.

    Each holds a lock on its folder, which the kernel lets go when the last of them ends, however it ends.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if (held := _lock(folder, fcntl.LOCK_NB)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        # Somebody's sweep may have been faster than the lock.
        if _lock(folder) is not None and folder.exists():
            return str(folder)


def _lock(folder: Path, flags: int = 0) -> int | None:
    """Return the descriptor that holds the folder's lock, None where it is not there, not ours or held."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(held).st_uid == os.geteuid():
            fcntl.flock(held, fcntl.LOCK_EX | flags)
            return held
    except BlockingIOError:
        pass
    os.close(held)
    return None
