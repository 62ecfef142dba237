"""The system calls of namespaces and privileges that Python has no name for. All raise OSError."""

import ctypes
import os
from typing import Any, Final

NEW_MOUNT: Final = 0x00020000
NEW_CGROUP: Final = 0x02000000
NEW_UTS: Final = 0x04000000
NEW_IPC: Final = 0x08000000
NEW_USER: Final = 0x10000000
NEW_PID: Final = 0x20000000
NEW_NET: Final = 0x40000000

MS_PRIVATE: Final = 1 << 18
MS_REC: Final = 1 << 14
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8

_CAPABILITY_VERSION_3: Final = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library that returns -1 for an error."""
    answer = int(getattr(_libc, name)(*arguments))
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return answer


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    call("unshare", flags)


def return_to(pidfd: int, flags: int) -> None:
    """Enter the namespaces of the process behind `pidfd`."""
    call("setns", pidfd, flags)


def private_tmp(options: str, flags: int = 0) -> None:
    """Put an empty /tmp over the one there, seen by this mount namespace only."""
    hardened = MS_NOSUID | MS_NODEV | MS_NOEXEC | flags
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    call("mount", b"tmpfs", b"/tmp", b"tmpfs", hardened, options.encode())
    # A working folder in the /tmp there was would still be that one, and everybody's.
    os.chdir("/tmp")  # noqa: S108


def drop_capabilities() -> None:
    """Give up every capability, for good: no-new-privileges is set and nothing is executed."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
