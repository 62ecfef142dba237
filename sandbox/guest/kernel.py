"""System calls for namespaces and privileges that Python does not offer. All raise OSError."""

import _signal  # type: ignore[import-not-found]
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

_CLONE_VM, _CLONE_FS, _CLONE_FILES = 0x100, 0x200, 0x400
_SLEEPER: Final = _CLONE_VM | _CLONE_FS | _CLONE_FILES | _signal.SIGCHLD

_libc = ctypes.CDLL(None, use_errno=True)
_pause = ctypes.cast(_libc.pause, ctypes.c_void_p)

_STACK_BYTES: Final = 16 * 1024
_stack = ctypes.create_string_buffer(_STACK_BYTES)
_stack_top = ctypes.c_void_p((ctypes.addressof(_stack) + _STACK_BYTES) & ~15)

_capability_header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
_no_capabilities = (ctypes.c_uint32 * 6)()


def _checked(answer: int, function: Any, _arguments: object) -> int:
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{function.__name__}: {os.strerror(number)}")
    return answer


def _function(name: str, library: ctypes.CDLL = _libc) -> Any:
    """Return a function of the C library that returns -1 for an error."""
    function = getattr(library, name)
    function.errcheck = _checked
    return function


# Look the functions up before any fork. Otherwise every fork would repeat the lookup.
_unshare, _setns, _clone, _mount, _capset = map(_function, ("unshare", "setns", "clone", "mount", "capset"))

# PyDLL keeps the interpreter lock during the call. There is no other thread that could wait for it.
_fork = _function("fork", ctypes.PyDLL(None, use_errno=True))


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library that returns -1 for an error."""
    return int(_function(name)(*arguments))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _unshare(flags)


def enter_namespaces_of(pidfd: int, flags: int) -> None:
    """Enter the namespaces of the process behind `pidfd`."""
    _setns(pidfd, flags)


def fork() -> int:
    """Fork; return the child's pid, and 0 in the child.

    Unlike os.fork, it calls no hooks and does not reset locks that threads may have held. The zygote has no
    threads, and the kernel must copy each page that a process writes to after a fork.
    """
    return int(_fork())


def start_sleeper() -> int:
    """Start a process that shares the zygote's memory and sleeps; return its pid.

    The sleeper only calls pause(2). It shares the zygote's descriptor table, so it holds no descriptor that
    the zygote has closed. It must never receive a signal that has a handler here, because the handler would
    run in the zygote's memory.
    """
    # The sleeper keeps ignoring SIGCHLD, so the kernel reaps its children by itself (man 2 wait).
    # signal.signal would create enum members, and pages written here are copied at the next fork.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    try:
        return int(_clone(_pause, _stack_top, _SLEEPER, None))
    finally:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)


def make_mounts_private() -> None:
    """Stop mounts from propagating between this mount namespace and others."""
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def mount_tmp(options: bytes, flags: int = 0) -> None:
    """Mount an empty tmpfs over /tmp and make it the working folder."""
    _mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | flags, options)
    # A working folder in the old /tmp would stay in the old /tmp, which all jobs share.
    os.chdir("/tmp")  # noqa: S108


def drop_capabilities() -> None:
    """Drop every capability. No later exec can restore one, because no-new-privileges is set."""
    _capset(_capability_header, _no_capabilities)
