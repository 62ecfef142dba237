"""The privileges of this process, as the kernel reports them in /proc/self/status."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

PROC: Final = Path("/proc")

_SYS_ADMIN: Final = 21

#: Files that Docker and Podman put into their containers.
_MARKS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))


@dataclass(frozen=True, slots=True)
class Process:
    """The privileges of a process.

    Attributes:
        root: Whether its user is root.
        capabilities: Its effective capabilities, one bit each.
        no_new_privileges: Whether no exec can give it a privilege.
        filtered: Whether a seccomp filter refuses some of its system calls.
    """

    root: bool
    capabilities: int
    no_new_privileges: bool
    filtered: bool

    @classmethod
    def read(cls, proc: Path = PROC) -> Self:
        """Read the privileges of this process. A field that the kernel does not have is 0."""
        fields = dict(line.split(":", 1) for line in (proc / "self/status").read_text().splitlines())
        return cls(
            root=os.geteuid() == 0,
            capabilities=int(fields.get("CapEff", "0"), 16),
            no_new_privileges=int(fields.get("NoNewPrivs", "0")) == 1,
            filtered=int(fields.get("Seccomp", "0")) != 0,
        )

    @property
    def is_administrator(self) -> bool:
        """Whether it may make namespaces and mounts whatever ordinary users may."""
        return bool(self.capabilities & 1 << _SYS_ADMIN)


def in_container() -> bool:
    """Return whether this process runs in a container of Docker, Podman or Kubernetes."""
    return "KUBERNETES_SERVICE_HOST" in os.environ or any(mark.exists() for mark in _MARKS)


def switch(name: str, proc: Path = PROC) -> str | None:
    """Return a kernel setting, by its path below /proc/sys; None where this kernel does not have it."""
    try:
        return (proc / "sys" / name).read_text().strip()
    except OSError:
        return None
