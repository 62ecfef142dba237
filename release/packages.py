"""The packages that an artifact contains or needs."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path
from typing import Any, Final

from packaging.utils import canonicalize_name

from release.lock import read_pins

#: A package's metadata, with the keys of `importlib.metadata.PackageMetadata.json`.
Metadata = Mapping[str, Any]

_CLASSIFIER: Final = "License :: OSI Approved :: "
#: Classifiers that stand for one SPDX licence. Others, such as "BSD License", stand for several.
_SPDX: Final = {"MIT License": "MIT"}
#: What the pages are bundled from, in the source tree.
PAGES_LOCK: Final = "requirements/pages/package-lock.json"
#: Where npm puts packages, in the paths of its lock file.
_INSTALLED: Final = "node_modules/"
#: A longer `License` is the text of a licence, not its name.
_LICENSE_LENGTH: Final = 80


@dataclass(frozen=True)
class PythonPackage:
    """A Python package from a lock file.

    Attributes:
        name: Its normalised name.
        version: Its version.
        hashes: The SHA-256 of each file that pip may install, in hexadecimal.
        licenses: Its licences: SPDX expressions, or other names where its metadata has no expression.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    licenses: tuple[str, ...]


@dataclass(frozen=True)
class DebianPackage:
    """A package of the Debian system in an image."""

    name: str
    version: str
    architecture: str


@dataclass(frozen=True)
class NpmPackage:
    """A JavaScript package that the pages are bundled from.

    Attributes:
        name: Its name, with its scope.
        version: Its version.
        digest: The SHA-512 of its archive in hexadecimal.
        license: Its licence, an SPDX expression.
    """

    name: str
    version: str
    digest: str
    license: str


def bundled_packages(lock: Path) -> tuple[NpmPackage, ...]:
    """Return the packages of an npm lock file that are no tools of the development."""
    packages: dict[str, Any] = json.loads(lock.read_text("utf-8"))["packages"]
    return tuple(
        NpmPackage(
            name=path.removeprefix(_INSTALLED),
            version=package["version"],
            digest=base64.b64decode(package["integrity"].removeprefix("sha512-")).hex(),
            license=package["license"],
        )
        for path, package in packages.items()
        if path.startswith(_INSTALLED) and not package.get("dev")
    )


def needed_packages(lock: Path) -> list[PythonPackage]:
    """Return the packages of a lock file that are for this platform and this Python.

    The development environment has the same versions installed, so it knows their licences.
    """
    pins = [pin for pin in read_pins(lock) if pin.marker is None or pin.marker.evaluate()]
    return contained_packages(lock, [metadata(pin.name).json for pin in pins])


def contained_packages(lock: Path, installed: Iterable[Metadata]) -> list[PythonPackage]:
    """Return the packages of a lock file that are among the installed ones."""
    found: dict[str, Metadata] = {canonicalize_name(package["name"]): package for package in installed}
    return [
        PythonPackage(pin.name, pin.version, pin.hashes, licenses(found[pin.name]))
        for pin in read_pins(lock)
        if pin.name in found
    ]


def licenses(package: Metadata) -> tuple[str, ...]:
    """Return the licences that a package's metadata names."""
    stated = package.get("license_expression") or package.get("license") or ""
    if stated and "\n" not in stated and len(stated) <= _LICENSE_LENGTH:
        return (stated,)
    classifiers = (text for text in package.get("classifier", ()) if text.startswith(_CLASSIFIER))
    names = (text.removeprefix(_CLASSIFIER) for text in classifiers)
    return tuple(_SPDX.get(name, name) for name in names)
