"""The pinned packages of a lock file."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement


@dataclass(frozen=True)
class Pin:
    """A package of a lock file.

    Attributes:
        name: Its normalised name.
        version: Its version.
        hashes: The SHA-256 of each file that pip may install, in hexadecimal.
        marker: The platforms that it is for, or None for all.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: Marker | None = None


def read_pins(lock: Path) -> list[Pin]:
    """Return the packages of a lock file."""
    entries = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    return [_read_pin(entry) for entry in entries if entry]


def _read_pin(entry: str) -> Pin:
    text, *hashes = re.split(r"\s+--hash=sha256:", entry.strip())
    requirement = Requirement(text)
    (specifier,) = requirement.specifier
    return Pin(requirement.name, specifier.version, tuple(sorted(hashes)), requirement.marker)
