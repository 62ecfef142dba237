"""A file of a release that is installed or started."""

from dataclasses import dataclass
from pathlib import Path

from cyclonedx.model.component import ComponentType
from packageurl import PackageURL

from release.packages import DebianPackage, NpmPackage, PythonPackage


@dataclass(frozen=True)
class Artifact:
    """A wheel, a source distribution or an image.

    Attributes:
        path: The file.
        name: The name of the distribution or image.
        version: Its version.
        type: What it is, in the words of CycloneDX.
        address: Its package URL.
        packages: The Python packages that it contains or needs.
        npm: The JavaScript packages that it contains.
        debian: The Debian packages that it contains.
        python: The version of the Python that it contains, if it contains one.
    """

    path: Path
    name: str
    version: str
    type: ComponentType
    address: PackageURL
    packages: list[PythonPackage]
    npm: tuple[NpmPackage, ...] = ()
    debian: tuple[DebianPackage, ...] = ()
    python: str | None = None
