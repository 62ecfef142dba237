"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Status(StrEnum):
    """OK: nothing to mend. WARNING: the service works, but less well or less safely. FAILED: it does not."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: What was examined.
        status: Whether the service works with it.
        found: What was found, in words, without any secret.
        mend: The command that mends it; None only if the status is OK.
    """

    name: str
    status: Status
    found: str
    mend: str | None

    @classmethod
    def ok(cls, name: str, found: str) -> Self:
        """Return a finding with nothing to mend."""
        return cls(name, Status.OK, found, None)

    @classmethod
    def warning(cls, name: str, found: str, mend: str) -> Self:
        """Return a finding with which the service works, but less well or less safely."""
        return cls(name, Status.WARNING, found, mend)

    @classmethod
    def failed(cls, name: str, found: str, mend: str) -> Self:
        """Return a finding with which the service, or a jail, does not work."""
        return cls(name, Status.FAILED, found, mend)
