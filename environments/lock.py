"""A lock file: the packages of an environment, each with its version and the hashes of its wheels.

It is a requirements file, as uv and pip-tools write it. Of that format only pinned packages are accepted.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from environments.refusal import Refusal, shown

#: The most bytes of a lock file.
_SIZE_MAX: Final = 10_000_000

_COMMENT: Final = re.compile(r"(^|\s)#.*$")
_OPTION: Final = re.compile(r"\s+(?=--)")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package of a lock file.

    Attributes:
        name: Its normalised name.
        version: Its version.
        hashes: The SHA-256 of each file that may be used, in hexadecimal.
        line: The number of its line.
    """

    name: str
    version: str
    hashes: frozenset[str]
    line: int

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file.

    Attributes:
        file: Its name.
        digest: The SHA-256 of its content, in hexadecimal.
        pins: The packages that are for this Python and platform, sorted by name.
    """

    file: str
    digest: str
    pins: tuple[Pin, ...]


def read(path: Path) -> Lock:
    """Read a lock file.

    Raises:
        Refusal: It cannot be read, or has something other than pinned packages.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_MAX + 1)
        if len(content) > _SIZE_MAX:
            raise Refusal(f"{path} has more than {_SIZE_MAX} bytes")
        text = content.decode()
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not in UTF-8") from error
    return Lock(str(path), hashlib.sha256(content).hexdigest(), parse(text, str(path)))


def parse(text: str, file: str) -> tuple[Pin, ...]:
    """Return the packages in the text of a lock file that are for this Python and platform, sorted by name.

    Args:
        text: The content of the file.
        file: Its name, for messages.

    Raises:
        Refusal: A line is something other than a pinned package.
    """
    pins: dict[str, Pin] = {}
    for number, entry in _entries(text):
        pin = _pin(entry, number, file)
        if pin is None:
            continue
        if pin.name in pins:
            raise Refusal(f"{file}:{number}: {pin.name}: line {pins[pin.name].line} has it already")
        pins[pin.name] = pin
    if not pins:
        raise Refusal(f"{file} has no package for this Python and platform")
    return tuple(pins[name] for name in sorted(pins))


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of the first line of each entry, and the entry in one line without comments."""
    entry, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if entry else number
        plain = _COMMENT.sub("", line).rstrip()
        entry += " " + plain.removesuffix("\\")
        if not plain.endswith("\\"):
            if entry.strip():
                yield first, entry.strip()
            entry = ""
    if entry.strip():
        yield first, entry.strip()


def _pin(entry: str, number: int, file: str) -> Pin | None:
    """Return the package of an entry, or None if it is for another Python or platform."""
    text, *options = _OPTION.split(entry)
    where = f"{file}:{number}: {shown(text)}"
    if entry.startswith("-"):
        raise Refusal(f"{where}: a lock has packages alone; pip's settings choose the index and its options")
    try:
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate():
            return None
    except (InvalidRequirement, RecursionError):
        raise Refusal(f"{where}: is not a package with its version, as in name==1.0") from None
    except (UndefinedComparison, UndefinedEnvironmentName):
        raise Refusal(f"{where}: has a marker that compares what cannot be compared") from None
    where = f"{file}:{number}: {requirement.name}"
    if requirement.url is not None:
        raise Refusal(f"{where}: names a URL; it must be name==version, with the hashes of its wheels")
    specifiers = list(requirement.specifier)
    if [one.operator for one in specifiers] != ["=="] or "*" in specifiers[0].version:
        raise Refusal(f"{where}: is not pinned to one version; it must be name==version")
    hashes = [_HASH.fullmatch(option) for option in options]
    if not hashes:
        raise Refusal(f"{where}: has no --hash=sha256:…")
    digests = frozenset(found[1] for found in hashes if found)
    if not all(hashes):
        raise Refusal(f"{where}: has an option other than --hash=sha256: and 64 hexadecimal digits")
    try:
        version = str(Version(specifiers[0].version))
    except InvalidVersion:
        raise Refusal(f"{where}: {shown(specifiers[0].version)} is not a version") from None
    return Pin(canonicalize_name(requirement.name), version, digests, number)
