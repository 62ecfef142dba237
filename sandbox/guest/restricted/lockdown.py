"""Lock a restricted runner down in the kernel, before the script's first byte.

`enter` runs while the runner waits for a job, because making namespaces takes milliseconds. `lock` runs after
the job's limits are set. Namespaces are optional: some hosts do not allow them to ordinary users. Every other
step must succeed, or the runner ends without running the job.
Source: man 2 prctl, 2 unshare, 2 pivot_root, 2 capset, 7 user_namespaces.
"""

import contextlib
import os
import resource
import signal
from typing import Final

from sandbox.guest import architecture, kernel, seccomp
from sandbox.guest.prepare import lower_limits
from sandbox.guest.restricted.syscalls import restricted_filter

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_NAMESPACES: Final = kernel.NEW_USER | kernel.NEW_MOUNT | kernel.NEW_NET | kernel.NEW_IPC | kernel.NEW_UTS
_MNT_DETACH: Final = 2

#: The limits that nsjail sets for a jail, as narrow as the filter allows.
_LIMITS: Final = {
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_STACK: 8 * 1024 * 1024,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_RTPRIO: 0,
}

#: The id of the user `nobody`, which a runner becomes if the worker is root.
_NOBODY: Final = 65534


def enter() -> list[str]:
    """Drop the privileges that can go before the job is known; return what was dropped, in words.

    Raises:
        OSError: The process is root and cannot become another user.
    """
    parent = os.getppid()
    dropped = []
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
        dropped.append("root")
    # After the change of user, which clears this setting. The parent may have died before this line.
    kernel.call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    with contextlib.suppress(OSError):
        kernel.unshare(_NAMESPACES)
        dropped.append("the host's network, IPC and host name")
        with contextlib.suppress(OSError, KeyError):
            _leave_files()
            dropped.append("its files")
        kernel.drop_capabilities()
    kernel.call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    return dropped


def lock() -> None:
    """Make the kernel deny nearly every system call from now on. Raises OSError or KeyError."""
    lower_limits(_LIMITS)
    kernel.call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    seccomp.Filter(restricted_filter(os.getpid(), architecture.machine())).install()


def address_space() -> int:
    """Return the bytes of address space that the process has."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def _leave_files() -> None:
    """Replace the root by an empty, read-only file system. Raises OSError or KeyError."""
    pivot_root = architecture.number("pivot_root", architecture.machine())
    kernel.make_mounts_private()
    kernel.mount_tmp(b"size=4k,mode=0755", kernel.MS_RDONLY)
    kernel.call("syscall", pivot_root, b".", b".")
    kernel.call("umount2", b".", _MNT_DETACH)
    os.chdir("/")
