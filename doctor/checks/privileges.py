"""The user and the privileges of this process, which a worker that is started likewise has too."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from doctor.finding import Finding
from doctor.process import PROC, Process
from sandbox.jail.user_namespaces import APPARMOR

_NAME: Final = "privileges"


def examine(proc: Path = PROC) -> Iterator[Finding]:
    """Report the privileges, and whether no-new-privileges keeps an AppArmor profile from this process.

    Args:
        proc: The folder with the privileges and the kernel's settings.
    """
    process = Process.read(proc)
    found = ", ".join(
        [
            "root" if process.root else f"user {os.geteuid()}",
            "may administer the system" if process.is_administrator else "without CAP_SYS_ADMIN",
            *(["no-new-privileges"] if process.no_new_privileges else []),
            *(["a seccomp filter is in force"] if process.filtered else []),
        ]
    )
    if APPARMOR.forbids(proc / "sys") and process.no_new_privileges and not process.is_administrator:
        # An exec under no-new-privileges may only add restrictions (the kernel's no_new_privs.rst).
        yield Finding.warning(
            _NAME,
            f"{found}: a program started from here gets no AppArmor profile that permits user namespaces",
            "setpriv --dump | grep no_new_privs  # start without it: NoNewPrivileges=no in a systemd unit",
        )
    else:
        yield Finding.ok(_NAME, found)
