"""What the kernel takes from a restricted runner, before the script's first byte.

`enter` comes while the runner waits (namespaces take milliseconds), `lock` after the job's limits
are set. Namespaces are a gift where the host lets ordinary users have them; the rest must work, or
the runner ends and the job is not run.
Source: man 2 prctl, 2 unshare, 2 pivot_root, 2 capset, 7 user_namespaces.
"""

import contextlib
import os
import resource
import signal
from typing import Final

from sandbox.guest import kernel, seccomp

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_NAMESPACES: Final = kernel.NEW_USER | kernel.NEW_MOUNT | kernel.NEW_NET | kernel.NEW_IPC | kernel.NEW_UTS
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}
_MNT_DETACH: Final = 2

#: The user that a runner of a worker that is root becomes: nobody.
_NOBODY: Final = 65534


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
    kernel.call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    with contextlib.suppress(OSError):
        kernel.unshare(_NAMESPACES)
        given_up.append("the host's network, IPC and host name")
        with contextlib.suppress(OSError, KeyError):
            _leave_files()
            given_up.append("its files")
        kernel.drop_capabilities()
    kernel.call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    return given_up


def lock() -> None:
    """Let the kernel refuse everything but computing from here on. Raises OSError or KeyError."""
    for name in ("RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_MEMLOCK"):
        resource.setrlimit(getattr(resource, name), (0, 0))
    # gVisor does not implement this one and refuses to set it; the filter allows no queue anyway.
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
    kernel.call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    seccomp.Filter(seccomp.program(os.getpid(), seccomp.machine())).install()


def address_space() -> int:
    """Return the bytes of address space that are taken, beyond the memory that is in use."""
    with open("/proc/self/statm") as statm:
        size, resident = map(int, statm.read().split()[:2])
    return (size - resident) * resource.getpagesize()


def _leave_files() -> None:
    """Make an empty, read-only file system the root. Raises OSError or KeyError."""
    pivot_root = _PIVOT_ROOT[seccomp.machine()]
    kernel.keep_mounts()
    kernel.private_tmp(b"size=4k,mode=0755", kernel.MS_RDONLY)
    kernel.call("syscall", pivot_root, b".", b".")
    kernel.call("umount2", b".", _MNT_DETACH)
    os.chdir("/")
