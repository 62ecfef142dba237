"""The command that starts one jail. Pure."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.isolation import Isolation
from sandbox.jail.root import FRESH_GUEST, GUEST, PYTHON

#: The user and group inside a jail.
INSIDE_ID: Final = 65534

#: Outside, a jail of a worker that is root gets a user id of its own: one of those above what
#: systemd gives to containers (524288 to 1879048191), where no user and no other range is.
_FIRST_OUTSIDE_ID: Final = 1879048192
_OUTSIDE_IDS: Final = 2**24


#: What the interpreter in the jail runs. Isolated, without site: nothing of a script's choice is
#: imported before the guest, and no byte code is written.
_START: Final = {
    Isolation.SLOT: f"""
import sys
sys.path.insert(0, {GUEST!r})
from sandbox.guest.start import slot
sys.path.remove({GUEST!r})
slot()
""",
    Isolation.FRESH: f"""
import marshal, posix, sys, time
try:
    with open({FRESH_GUEST!r}, "rb") as file:
        for name, code in marshal.loads(file.read()):
            module = sys.modules[name] = type(sys)(name)
            exec(code, module.__dict__)
    sys.modules["sandbox.guest.start"].fresh()
except BaseException:
    # Said, and not ended: nsjail would make another jail, and another.
    sys.excepthook(*sys.exc_info())
    posix.write(0, b'."gone"')
    while True:
        time.sleep(3600)
""",
}

#: A slot is one jail. Otherwise nsjail makes one after the other, each when the last has ended.
_MODES: Final = {Isolation.SLOT: "o", Isolation.FRESH: "r"}

#: A slot's zygote makes namespaces; the capability is one over the jail's own, and no job gets it.
_CAPABILITIES: Final = {Isolation.SLOT: ["--cap", "CAP_SYS_ADMIN"], Isolation.FRESH: list[str]()}


@dataclass(frozen=True, slots=True)
class JailConfig:
    """What all jails of a worker have in common.

    policies: the folder of nsjail.cfg and the seccomp policies; machine: the architecture.
    """

    nsjail: Path
    policies: Path
    machine: str
    root: Path

    def seccomp(self, isolation: Isolation) -> str:
        """Return the part of the seccomp policy that nsjail.cfg leaves open (kafel). Raises OSError."""
        parts = (f"seccomp-{self.machine}.kafel", f"seccomp-{isolation}.kafel")
        return "".join((self.policies / part).read_text() for part in parts)


def outside_id(worker_uid: int) -> int:
    """Return a user id for a new jail, as the machine sees it."""
    return worker_uid if worker_uid else _FIRST_OUTSIDE_ID + secrets.randbelow(_OUTSIDE_IDS)


def command(jails: JailConfig, isolation: Isolation, *, outside_uid: int, outside_gid: int) -> list[str]:
    """Return the command of a jail, or jails, that take orders on its standard input."""
    return [
        *_options(jails, isolation, outside_uid, outside_gid),
        *("--mode", _MODES[isolation]),
        "--",
        *(PYTHON, "-I", "-S", "-B", "-X", "utf8", "-c", _START[isolation]),
    ]


def preflight_command(
    jails: JailConfig, isolation: Isolation, *, outside_uid: int, outside_gid: int
) -> list[str]:
    """Return the command of such a jail that ends at once, and needs no more than the interpreter in it."""
    return [*_options(jails, isolation, outside_uid, outside_gid), "--", PYTHON, "-V"]


def environment(jails: JailConfig) -> dict[str, str]:
    """Return the environment of nsjail itself, which nothing inside sees: what nsjail.cfg asks for."""
    return {"JAIL_ROOT": str(jails.root)}


def _options(jails: JailConfig, isolation: Isolation, outside_uid: int, outside_gid: int) -> list[str]:
    return [
        str(jails.nsjail),
        *("--config", str(jails.policies / "nsjail.cfg")),
        *("--seccomp_string", jails.seccomp(isolation)),
        *("--user", f"{INSIDE_ID}:{outside_uid}:1"),
        *("--group", f"{INSIDE_ID}:{outside_gid}:1"),
        *_CAPABILITIES[isolation],
    ]
