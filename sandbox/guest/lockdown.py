"""What the kernel takes from a restricted runner, before the script's first byte.

`enter` comes while the runner waits (namespaces take milliseconds), `lock` after the job's limits
are set. Namespaces are a gift where the host lets ordinary users have them; the rest must work, or
the runner ends and the job is not run.
Source: man 2 prctl, 2 unshare, 2 pivot_root, 2 capset, 7 user_namespaces.
"""

import contextlib
import ctypes
import os
import resource
import signal
from typing import Final

from sandbox.guest import seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_NEW_NAMESPACES: Final = 0x00020000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x40000000  # NS UTS IPC USER NET
_MS_PRIVATE, _MS_REC = 1 << 18, 1 << 14
_MS_HARDENED: Final = 1 | 2 | 4 | 8  # RDONLY NOSUID NODEV NOEXEC
_MNT_DETACH: Final = 2
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
_CAPABILITY_VERSION_3: Final = 0x20080522

#: The user that a runner of a worker that is root becomes: nobody.
_NOBODY: Final = 65534

_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> list[str]:
    """Give up what can be given up before the job is known; return what was, in words.

    Raises OSError where the identity of root cannot be given up.
    """
    parent = os.getppid()
    given_up = []
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        given_up.append("root")
    # After the change of identity, which clears it; the parent may have died before this line.
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    if _libc.unshare(_NEW_NAMESPACES) == 0:
        given_up.append("the host's network, IPC and host name")
        if _leave_files():
            given_up.append("its files")
        _drop_capabilities()
    _call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    return given_up


def lock() -> None:
    """Let the kernel refuse everything but computing from here on. Raises OSError or KeyError."""
    for name in ("RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_MEMLOCK"):
        resource.setrlimit(getattr(resource, name), (0, 0))
    # gVisor does not implement this one and refuses to set it; the filter allows no queue anyway.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    seccomp.install(seccomp.program(os.getpid(), seccomp.machine()))


def address_space() -> int:
    """Return the bytes of address space that are taken, beyond the memory that is in use."""
    with open("/proc/self/statm") as statm:
        size, resident = map(int, statm.read().split()[:2])
    return (size - resident) * resource.getpagesize()


def _leave_files() -> bool:
    """Make an empty, read-only file system the root; say whether that worked."""
    pivot_root = _PIVOT_ROOT.get(seccomp.machine())
    return (
        pivot_root is not None
        and _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None) == 0
        and _libc.mount(b"tmpfs", b"/tmp", b"tmpfs", _MS_HARDENED, b"size=4k,mode=0755") == 0
        and _libc.chdir(b"/tmp") == 0
        and _libc.syscall(pivot_root, b".", b".") == 0
        and _libc.umount2(b".", _MNT_DETACH) == 0
        and _libc.chdir(b"/") == 0
    )


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
