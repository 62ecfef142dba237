"""The command that starts one jail. Pure."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.jail.root import GUEST, PYTHON

#: The user and group inside a jail.
INSIDE_ID: Final = 65534

#: Outside, a jail of a worker that is root gets a user id of its own: one of those above what
#: systemd gives to containers (524288 to 1879048191), where no user and no other range is.
_FIRST_OUTSIDE_ID: Final = 1879048192
_OUTSIDE_IDS: Final = 2**24

#: What the interpreter in the jail runs. Isolated, without site: nothing of a script's choice is
#: imported before the guest, and no byte code is written.
_START: Final = (
    f"import sys; sys.path.insert(0, {GUEST!r}); from sandbox.guest.init import main; "
    f"sys.path.remove({GUEST!r}); main(int(sys.argv[1]))"
)


@dataclass(frozen=True, slots=True)
class Jails:
    """What all jails of a worker have in common.

    seccomp: the end of the seccomp policy, for the machine's architecture (kafel).
    """

    nsjail: Path
    config: Path
    seccomp: str
    root: Path


def outside_id(worker_uid: int) -> int:
    """Return a user id for a new jail, as the machine sees it."""
    return worker_uid if worker_uid else _FIRST_OUTSIDE_ID + secrets.randbelow(_OUTSIDE_IDS)


def command(jails: Jails, *, outside_uid: int, outside_gid: int, control_fd: int) -> list[str]:
    """Return the command of a jail whose init takes orders on descriptor `control_fd`."""
    return [
        str(jails.nsjail),
        *("--config", str(jails.config)),
        *("--seccomp_string", jails.seccomp),
        *("--user", f"{INSIDE_ID}:{outside_uid}:1"),
        *("--group", f"{INSIDE_ID}:{outside_gid}:1"),
        *("--pass_fd", str(control_fd)),
        "--",
        *(PYTHON, "-I", "-S", "-B", "-X", "utf8", "-c", _START, str(control_fd)),
    ]


def environment(jails: Jails) -> dict[str, str]:
    """Return the environment of nsjail itself, which nothing inside sees: what nsjail.cfg asks for."""
    return {"JAIL_ROOT": str(jails.root)}
