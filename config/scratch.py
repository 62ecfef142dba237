"""A temporary folder that is removed after the processes that use it have ended."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path


def scratch_folder(prefix: str) -> str:
    """Make a temporary folder for this process and its forks. Remove folders whose processes have all ended.

    The processes share a lock on their folder. The kernel releases the lock when the last process ends, even
    if it was killed.

    Args:
        prefix: The start of the folder's name. Only folders whose names start with it are removed.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        if (descriptor := _lock(folder, fcntl.LOCK_NB)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        # Another process may have removed the folder before this process locked it.
        if _lock(folder) is not None and folder.exists():
            return str(folder)


def _lock(folder: Path, flags: int = 0) -> int | None:
    """Lock a folder and return the descriptor that holds the lock.

    Returns None if the folder does not exist, belongs to another user or, with LOCK_NB, is locked already.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(descriptor).st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | flags)
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None
