"""The metadata of a wheel: name, licence, and what it requires.

The format is that of packaging.python.org, "Core metadata specifications".
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from environments.lock import Pin
from environments.platform import PYTHON
from environments.refusal import Refusal, shown

#: The most bytes of the metadata, and of a licence in them that is a name, not the text of the licence.
_SIZE_MAX: Final = 2_000_000
_LICENSE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a wheel states about itself.

    Attributes:
        name: The name of the package, as it writes it.
        license: Its licence, '' if it states none.
        requires: The packages that it requires on this Python and platform.
    """

    name: str
    license: str
    requires: tuple[Requirement, ...]


def read(archive: zipfile.ZipFile, folder: str, pin: Pin) -> Metadata:
    """Read the metadata of a wheel.

    Args:
        archive: The wheel.
        folder: The name of the folder with the metadata.
        pin: The package of the lock file that the wheel is for.

    Raises:
        Refusal: They are those of another package, or of another version of Python.
    """
    names = set(archive.namelist())
    if missing := [name for name in ("METADATA", "WHEEL", "RECORD") if f"{folder}/{name}" not in names]:
        raise Refusal(f"{pin}: its wheel has no {missing[0]}")
    if archive.getinfo(f"{folder}/METADATA").file_size > _SIZE_MAX:
        raise Refusal(f"{pin}: its METADATA has more than {_SIZE_MAX} bytes")
    with archive.open(f"{folder}/METADATA") as file:
        # read() without a size would decompress more than the stated size.
        fields = BytesParser(policy=compat32).parsebytes(file.read(_SIZE_MAX))
    name = str(fields["Name"])
    if canonicalize_name(name) != pin.name:
        raise Refusal(f"{pin}: its METADATA names {shown(name)}")
    wanted = str(fields["Requires-Python"] or "")
    if not _supports(wanted):
        raise Refusal(f"{pin}: its wheel is for Python {shown(wanted)}, and this is {PYTHON}")
    return Metadata(name, _license(fields), tuple(_requires(fields)))


def _supports(wanted: str) -> bool:
    try:
        return PYTHON in SpecifierSet(wanted)
    except InvalidSpecifier:
        return True


def _license(fields: Message) -> str:
    """Return the licence: the expression, or a short name, or the classifiers."""
    for field in ("License-Expression", "License"):
        text = str(fields[field] or "").strip()
        if text and text != "UNKNOWN" and len(text) <= _LICENSE_MAX and "\n" not in text:
            return shown(text)
    classifiers = map(str, fields.get_all("Classifier", []))
    names = [text.rpartition(" :: ")[2] for text in classifiers if text.startswith("License :: ")]
    return shown(", ".join(names))


def _requires(fields: Message) -> Iterator[Requirement]:
    for text in map(str, fields.get_all("Requires-Dist", [])):
        try:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield requirement
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            continue
