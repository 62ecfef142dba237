"""User namespaces, and the namespaces and mounts that a jail makes in them."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from doctor.finding import Finding
from doctor.process import PROC, Process, in_container, switch
from sandbox.guest import kernel
from sandbox.jail.user_namespaces import APPARMOR, MAXIMUM, UNPRIVILEGED

_NAME: Final = "user-namespaces"

_OTHERS: Final = (
    kernel.NEW_MOUNT | kernel.NEW_CGROUP | kernel.NEW_UTS | kernel.NEW_IPC | kernel.NEW_PID | kernel.NEW_NET
)

#: What grants a container the system calls that make jails.
CONTAINER: Final = "docker run --privileged …  # or ./setup_local.sh --least-privilege"


def make_namespaces() -> None:
    """Move this process to new namespaces and mount a folder there. Raises OSError."""
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEW_USER)
    # Without its map, the user has no capability in the new namespace that an exec would keep.
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"65534 {user} 1"),
        ("gid_map", f"65534 {group} 1"),
    ):
        # gVisor has no file setgroups.
        if (path := Path("/proc/self") / name).exists():
            path.write_text(text)
    kernel.unshare(_OTHERS)
    kernel.make_mounts_private()
    kernel.mount_tmp(b"size=64k")


def examine(attempt: Callable[[], None] = make_namespaces, proc: Path = PROC) -> Iterator[Finding]:
    """Try to make the namespaces of a jail. The process is in them afterwards.

    Args:
        attempt: Makes the namespaces. Raises OSError.
        proc: The folder with the kernel's settings.
    """
    process = Process.read(proc)
    try:
        attempt()
    except OSError as error:
        refused = error.errno != errno.ENOSPC and not process.is_administrator
        if refused and APPARMOR.forbids(proc / "sys"):
            # The binary nsjail may have such a profile, and this program has not.
            found = f"{APPARMOR.cause}: only a program whose profile permits it makes them"
            yield Finding.warning(_NAME, f"{found} ({error.strerror})", f"sudo {APPARMOR.command}")
            return
        cause, mend = _explain(error, process, proc)
        yield Finding.failed(_NAME, f"{cause} ({error.strerror})", mend)
    else:
        yield Finding.ok(_NAME, "made, with mount, PID, network, IPC, UTS and cgroup namespaces in them")


def _explain(error: OSError, process: Process, proc: Path) -> tuple[str, str]:
    """Return the cause of an error and the command that mends it."""
    if error.errno == errno.ENOSPC:
        if MAXIMUM.forbids(proc / "sys"):
            return MAXIMUM.cause, f"sudo {MAXIMUM.command}"
        # Every kind of namespace has a maximum, and each enclosing user namespace has its own.
        return (
            f"a maximum is reached ({MAXIMUM.name} is {switch('user/max_user_namespaces', proc)})",
            "sysctl user  # then raise the maximum that is too low, on the host and not in the container",
        )
    if not process.is_administrator and UNPRIVILEGED.forbids(proc / "sys"):
        return UNPRIVILEGED.cause, f"sudo {UNPRIVILEGED.command}"
    if error.errno == errno.EPERM and not _has_root_mount(proc):
        # man 2 unshare: the root folder of the process is not the root of its mount namespace.
        return "the process runs in a chroot", "systemd-run --pipe --wait -p RootDirectory=… …  # not chroot"
    if process.filtered:
        return "a seccomp filter, such as a container's, refuses the system call", CONTAINER
    if in_container():
        return "the container is not permitted to", CONTAINER
    return "the kernel refuses", "sysctl user kernel | grep -E 'userns|user_namespaces'"


def _has_root_mount(proc: Path) -> bool:
    try:
        return any(line.split()[4] == "/" for line in (proc / "self/mountinfo").read_text().splitlines())
    except OSError:
        return True
