"""The nsjail command that starts a jail."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxFailure
from sandbox.guest.start import BIND_NOW
from sandbox.isolation import Isolation
from sandbox.jail.program import PROGRAM
from sandbox.jail.root import LIBRARY, PYTHON, SITE_PACKAGES
from sandbox.jail.user import INSIDE_ID, OutsideUser
from sandbox.packages import Packages

#: SLOT: nsjail makes one jail. FRESH: nsjail makes another jail whenever the last one has ended.
_MODES: Final = {Isolation.SLOT: "o", Isolation.FRESH: "r"}

#: The zygote of a slot makes namespaces and needs this capability. It holds only within the jail's own
#: namespaces, and every runner drops it.
_CAPABILITIES: Final = {Isolation.SLOT: ["--cap", "CAP_SYS_ADMIN"], Isolation.FRESH: list[str]()}

#: The zygote of a slot is linked once for many jobs. A fresh jail would link functions that its job never
#: calls.
_LINKING: Final = {Isolation.SLOT: ["--env", f"{BIND_NOW}=1"], Isolation.FRESH: list[str]()}

_CONFIG_NAME: Final = "nsjail.cfg"
_TMP_OPTIONS: Final = re.compile(r'dst: "/tmp"\s+fstype: "tmpfs"\s+options: "([^"]+)"')


@dataclass(frozen=True, slots=True)
class JailConfig:
    """The configuration that all jails of a worker share.

    Attributes:
        nsjail: The nsjail binary.
        policies: The folder with nsjail.cfg and the seccomp policies.
        machine: The architecture, as platform.machine() names it.
        root: The folder that becomes the root of every jail.
        packages: The packages that jobs can import; None means the standard library alone.
    """

    nsjail: Path
    policies: Path
    machine: str
    root: Path
    packages: Packages | None = None

    def seccomp(self, isolation: Isolation) -> str:
        """Return the part of the seccomp policy (kafel) that nsjail.cfg leaves open. Raises OSError."""
        parts = (f"seccomp-{self.machine}.kafel", f"seccomp-{isolation}.kafel")
        return "".join((self.policies / part).read_text() for part in parts)

    def tmp_options(self) -> str:
        """Return the mount options of /tmp from nsjail.cfg, which limit its size and number of files.

        The zygote of a slot mounts a /tmp for each job with the same options.

        Raises:
            OSError: nsjail.cfg cannot be read.
            SandboxFailure: nsjail.cfg mounts no tmpfs at /tmp.
        """
        found = _TMP_OPTIONS.search((self.policies / _CONFIG_NAME).read_text())
        if not found:
            raise SandboxFailure(f"{_CONFIG_NAME} mounts no tmpfs with options at /tmp")
        return found[1]


def jail_command(config: JailConfig, isolation: Isolation, user: OutsideUser) -> list[str]:
    """Return the command of a jail whose guest receives orders on its standard input."""
    # The interpreter is isolated, without the site module and without writing byte code, so it imports only
    # the standard library, the guest, and what these arguments name: argv[1] is the mount options of /tmp,
    # argv[2] the folder of packages, the others are modules to preload.
    arguments = [config.tmp_options()]
    if config.packages:
        arguments.append(SITE_PACKAGES)
    # A fresh jail serves one job, which imports only what it uses.
    if config.packages and isolation is Isolation.SLOT:
        arguments += config.packages.preload
    return [
        *_options(config, isolation, user),
        *("--mode", _MODES[isolation]),
        *_LINKING[isolation],
        "--",
        *(PYTHON, "-I", "-S", "-B", "-X", "utf8", PROGRAM[isolation], *arguments),
    ]


def preflight_command(config: JailConfig, isolation: Isolation, user: OutsideUser) -> list[str]:
    """Return the command of a jail that prints the interpreter's version and ends."""
    return [*_options(config, isolation, user), "--", PYTHON, "-V"]


def environment(config: JailConfig) -> dict[str, str]:
    """Return the environment of nsjail itself: the variables that nsjail.cfg reads. No job sees it."""
    root = str(config.root)
    packages = str(config.packages.folder) if config.packages else root + SITE_PACKAGES
    return {"JAIL_ROOT": root, "JAIL_PACKAGES": packages, "JAIL_LIBRARY": LIBRARY}


def _options(config: JailConfig, isolation: Isolation, user: OutsideUser) -> list[str]:
    variables = config.packages.variables if config.packages else ()
    return [
        str(config.nsjail),
        *("--config", str(config.policies / _CONFIG_NAME)),
        *(word for name, value in variables for word in ("--env", f"{name}={value}")),
        *("--seccomp_string", config.seccomp(isolation)),
        *("--user", f"{INSIDE_ID}:{user.uid}:1"),
        *("--group", f"{INSIDE_ID}:{user.gid}:1"),
        *_CAPABILITIES[isolation],
    ]
