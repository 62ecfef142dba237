"""A scope of systemd around this process: a cgroup that belongs to the worker and ends with it.

systemd removes a scope, with every cgroup below it, when its last process has ended, also after a SIGKILL.
The process keeps its pid, parent and terminal: only its cgroup changes.
"""

import os
import secrets
import subprocess
import time
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.jail.hierarchy import PREFIX, detect
from sandbox.jail.surroundings import user_bus

#: Seconds that systemd may take.
_TIMEOUT: Final = 30.0


def enter(slice_: str) -> None:
    """Have systemd make a scope with this process in it.

    Args:
        slice_: The slice of the scope; "" lets systemd choose.

    Raises:
        SandboxFailure: systemd made none.
    """
    name = f"{PREFIX}{secrets.token_hex(4)}.scope"
    try:
        asked = subprocess.run(
            scope_command(name, slice_, uid=os.geteuid(), pid=os.getpid()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxFailure(f"systemd made no scope: {error}") from error
    if asked.returncode:
        raise SandboxFailure(f"systemd made no scope: {asked.stderr.strip()}")
    # systemd answers when the job is queued, and moves the process when the job runs.
    ends = time.monotonic() + _TIMEOUT
    while not detect().path.endswith(f"/{name}"):
        if time.monotonic() > ends:
            raise SandboxFailure(f"systemd did not move the worker to the scope {name}")
        time.sleep(0.005)


def scope_command(name: str, slice_: str, *, uid: int, pid: int) -> list[str]:
    """Return the command that calls StartTransientUnit (org.freedesktop.systemd1(5)).

    Args:
        name: The name of the scope.
        slice_: Its slice; "" lets systemd choose.
        uid: The user, whose own systemd is asked unless the user is root.
        pid: The process to move to the scope.
    """
    properties = [
        ("PIDs", "au", "1", str(pid)),
        ("Delegate", "b", "true"),
        ("Description", "s", "python-executor worker"),
        # systemd then removes a scope that failed too, not only one that ended.
        ("CollectMode", "s", "inactive-or-failed"),
        *([("Slice", "s", slice_)] if slice_ else []),
    ]
    return [
        "busctl",
        "--quiet",
        "--system" if uid == 0 else f"--address=unix:path={user_bus(uid)}",
        *(
            "call",
            "org.freedesktop.systemd1",
            "/org/freedesktop/systemd1",
            "org.freedesktop.systemd1.Manager",
        ),
        *("StartTransientUnit", "ssa(sv)a(sa(sv))", name, "fail"),
        *(str(len(properties)), *(word for words in properties for word in words)),
        "0",
    ]
