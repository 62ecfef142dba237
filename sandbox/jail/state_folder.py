"""The folder in which a worker makes its own folder, which holds the root of its jails."""

import logging
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure

_log = logging.getLogger(__name__)

#: Flags of a mount below which the root of a jail cannot be. A user namespace cannot remove such flags
#: (mount_namespaces(7), "Restrictions on mount namespaces"), and nsjail's remount of the root fails.
_BLOCKING: Final = {os.ST_NOSUID: "nosuid", os.ST_NODEV: "nodev", os.ST_NOEXEC: "noexec"}

#: The folders to try after the system's temporary folder. HOME of root may be the home of another user, who
#: could replace files there.
_OTHERS_OF_ROOT: Final = ("/var/tmp", "/var/lib")  # noqa: S108
_OTHERS: Final = ("/var/tmp", "~/.cache")  # noqa: S108


def choose(given: Path | None) -> Path:
    """Return the folder `given`, or the first usable one of this host if that is None.

    Raises:
        SandboxFailure: The folder is not usable, or none is.
    """
    if given:
        if fault := find_fault(given):
            raise SandboxFailure(f"STATE_DIR: {fault}; name another folder")
        return given
    faults = []
    others = _OTHERS if os.geteuid() else _OTHERS_OF_ROOT
    for folder in map(Path, (tempfile.gettempdir(), *map(os.path.expanduser, others))):
        if fault := find_fault(folder):
            faults.append(fault)
            continue
        if faults:
            _log.info("the worker's files are in %s: %s", folder, faults[0])
        return folder
    raise SandboxFailure(
        f"no folder for the worker's files: {'; '.join(faults)}; set STATE_DIR to another folder"
    )


def find_fault(folder: Path) -> str | None:
    """Return why jails cannot have their root below `folder`, None if they can."""
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        return f"the worker may not write to {folder}"
    if flags := blocking_flags(folder):
        return f"{folder} is mounted {', '.join(flags)}"
    if os.geteuid() == 0:
        # A worker that is root runs jails as another user.
        for path in (folder.resolve(), *folder.resolve().parents):
            if not path.stat().st_mode & stat.S_IXOTH:
                return f"only its owner may enter {path}"
    return None


def blocking_flags(folder: Path) -> list[str]:
    """Return the flags of the folder's mount that forbid the root of a jail there. Raises OSError."""
    found = os.statvfs(folder).f_flag
    return [name for flag, name in _BLOCKING.items() if found & flag]
