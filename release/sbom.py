"""Software bills of materials in the format CycloneDX (https://cyclonedx.org)."""

import uuid
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component
from cyclonedx.model.license import License
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from release.artifact import Artifact
from release.checksums import sha256
from release.commands import ReleaseError, report
from release.packages import DebianPackage, NpmPackage, PythonPackage
from release.source import Source


def write_sbom(artifact: Artifact, source: Source, folder: Path) -> None:
    """Write the SBOM of an artifact beside it, as NAME.cdx.json.

    Raises:
        ReleaseError: The SBOM does not follow the schema.
    """
    report(f"writing the SBOM of {artifact.path.name}")
    document = JsonV1Dot6(make_bom(artifact, source)).output_as_string(indent=2)
    check_schema(document, artifact.path.name)
    (folder / f"{artifact.path.name}.cdx.json").write_text(f"{document}\n", "utf-8")


def check_schema(document: str, name: str) -> None:
    """Check a document against the schema of CycloneDX 1.6. Raises ReleaseError."""
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(document):
        raise ReleaseError(f"the SBOM of {name} does not follow the schema: {str(error).splitlines()[0]}")


def make_bom(artifact: Artifact, source: Source) -> Bom:
    """Return the SBOM of an artifact."""
    digest = sha256(artifact.path)
    described = Component(
        name=artifact.name,
        version=artifact.version,
        type=artifact.type,
        purl=artifact.address,
        bom_ref=str(artifact.address),
        hashes=_hashes(HashAlgorithm.SHA_256, [digest]),
        licenses=_licenses(source.license),
    )
    components = [
        *map(_python_package, artifact.packages),
        *map(_npm_package, artifact.npm),
        *map(_debian_package, artifact.debian),
    ]
    if artifact.python:
        components.append(_interpreter(artifact.python))
    bom = Bom(
        # The same artifact always gets the same serial number, and another artifact another one.
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"{artifact.address}#{digest}"),
        metadata=BomMetaData(
            timestamp=source.date, component=described, tools=ToolRepository(components=[this_component()])
        ),
        components=components,
    )
    bom.register_dependency(described, components)
    return bom


def _python_package(package: PythonPackage) -> Component:
    address = PackageURL("pypi", None, package.name, package.version)
    hashes = _hashes(HashAlgorithm.SHA_256, package.hashes)
    return _component(address, hashes=hashes, licenses=_licenses(*package.licenses))


def _npm_package(package: NpmPackage) -> Component:
    scope, _, name = package.name.rpartition("/")
    address = PackageURL("npm", scope or None, name, package.version)
    hashes = _hashes(HashAlgorithm.SHA_512, [package.digest])
    return _component(address, hashes=hashes, licenses=_licenses(package.license))


def _debian_package(package: DebianPackage) -> Component:
    qualifiers = {"arch": package.architecture}
    return _component(PackageURL("deb", "debian", package.name, package.version, qualifiers))


def _interpreter(version: str) -> Component:
    return _component(PackageURL("generic", None, "python", version), licenses=_licenses("PSF-2.0"))


def _component(
    address: PackageURL, hashes: Iterable[HashType] = (), licenses: Iterable[License] = ()
) -> Component:
    return Component(
        group=address.namespace if address.type == "npm" else None,
        name=address.name,
        version=address.version,
        purl=address,
        bom_ref=str(address),
        hashes=hashes,
        licenses=licenses,
    )


def _hashes(algorithm: HashAlgorithm, digests: Iterable[str]) -> list[HashType]:
    return [HashType(alg=algorithm, content=digest) for digest in digests]


def _licenses(*names: str) -> list[License]:
    return [LicenseFactory().make_from_string(name) for name in names]
