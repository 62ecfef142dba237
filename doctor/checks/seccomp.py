"""Seccomp filters: the kernel must accept one and enforce it."""

import ctypes
import os
from collections.abc import Iterator
from typing import Final

from doctor.finding import Finding
from doctor.process import in_container
from sandbox.guest import architecture
from sandbox.guest.seccomp import ALLOW, EPERM, ERRNO, RETURN, Filter, begin, case, instruction

_NAME: Final = "seccomp"

_PR_SET_NO_NEW_PRIVS: Final = 38


def examine() -> Iterator[Finding]:
    """Install a filter that refuses one system call, and make that call."""
    machine = architecture.machine()
    # Without a filter getppid never fails.
    refused = case("getppid", machine, [instruction(RETURN, ERRNO | EPERM)])
    code = [*begin(machine), *refused, instruction(RETURN, ALLOW)]
    mend = (
        "docker info --format '{{.SecurityOptions}}'  # its seccomp profile must allow seccomp"
        if in_container()
        else "zgrep CONFIG_SECCOMP /proc/config.gz /boot/config-$(uname -r)  # a kernel with SECCOMP_FILTER=y"
    )
    ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    try:
        Filter(b"".join(code)).install()
    except OSError as error:
        yield Finding.failed(_NAME, f"{error.strerror} ({os.strerror(error.errno or 0)})", mend)
        return
    if os.getppid() == -1:
        yield Finding.ok(_NAME, "a filter was installed and enforced")
    else:
        yield Finding.failed(_NAME, "the kernel accepted a filter and does not enforce it", mend)
