"""The system calls of namespaces and privileges that Python has no name for. All raise OSError."""

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


# Looked up ahead: what a fork does for the first time, every fork does for the first time.
_unshare, _setns, _clone, _mount, _capset = map(_function, ("unshare", "setns", "clone", "mount", "capset"))

# Without letting go of the interpreter's lock, which no other thread could be waiting for.
_fork = _function("fork", ctypes.PyDLL(None, use_errno=True))


def call(name: str, *arguments: Any) -> int:
    """Call a function of the C library that returns -1 for an error."""
    return int(_function(name)(*arguments))


def unshare(flags: int) -> None:
    """Leave namespaces for new ones."""
    _unshare(flags)


def return_to(pidfd: int, flags: int) -> None:
    """Enter the namespaces of the process behind `pidfd`."""
    _setns(pidfd, flags)


def fork() -> int:
    """Make a process like this one; return its pid, and 0 in it.

    Not os.fork, which calls hooks and makes anew what threads may have held: there are none here, and every
    page that is written to after a fork is one copied.
    """
    return int(_fork())


def sleeper() -> int:
    """Start a process that shares our memory and sleeps; return its pid. Its children need no reaping.

    It calls pause(2) and nothing else, and holds no descriptor that we have closed. It must never get a
    signal that has a handler here.
    """
    # It stays ignored in the process made: of its children the kernel then keeps nothing. (Not signal.signal,
    # which makes an enum of its answer: what is touched here is copied, or a fork's to copy.)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    try:
        return int(_clone(_pause, _stack_top, _SLEEPER, None))
    finally:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)


def keep_mounts() -> None:
    """Let no mount be seen in another mount namespace, nor in those that will be made from this one."""
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)


def private_tmp(options: bytes, flags: int = 0) -> None:
    """Put an empty /tmp over the one there."""
    _mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | flags, options)
    # A working folder in the /tmp there was would still be that one, and everybody's.
    os.chdir("/tmp")  # noqa: S108


def drop_capabilities() -> None:
    """Give up every capability, for good: no-new-privileges is set and nothing is executed."""
    _capset(_capability_header, _no_capabilities)
