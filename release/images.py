"""The images of a release."""

import json
import secrets
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cyclonedx.model.component import ComponentType
from packageurl import PackageURL

from release.artifact import Artifact
from release.commands import report, run
from release.image_archive import write_archive
from release.packages import PAGES_LOCK, DebianPackage, bundled_packages, contained_packages
from release.source import Source

#: The parts of the service that have an image: Dockerfile.PART and requirements/PART.lock.
PARTS: Final = ("api", "worker")
#: The part that serves the pages.
_SERVES_PAGES: Final = "api"

_LABEL: Final = "org.opencontainers.image"

#: Prints the packages of an image as JSON.
_INSPECT: Final = """
import json, platform, subprocess
from importlib.metadata import distributions
query = ["dpkg-query", "--show", "--showformat", "${Package} ${Version} ${Architecture}\\n"]
debian = subprocess.run(query, stdout=subprocess.PIPE, text=True, check=True).stdout
keys = "name", "license_expression", "license", "classifier"
found = [package.metadata.json for package in distributions()]
packages = [{key: value for key, value in package.items() if key in keys} for package in found]
print(json.dumps({"python": platform.python_version(), "packages": packages, "debian": debian.splitlines()}))
"""


def find_engine() -> str | None:
    """Return the architecture of the container engine's images, or None if no engine answers."""
    command = ["docker", "version", "--format", "{{.Server.Arch}}"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None


def build(
    source: Source, tree: Path, folder: Path, architecture: str, arguments: Sequence[str]
) -> list[Artifact]:
    """Build the image of each part and save it as an archive.

    Args:
        source: The commit.
        tree: The files of the commit.
        folder: The folder for the archives.
        architecture: That of the engine's images.
        arguments: Arguments of the Dockerfiles, as `NAME=VALUE`.
    """
    options = [
        *(option for label in labels(source).items() for option in ("--label", "=".join(label))),
        *(option for argument in arguments for option in ("--build-arg", argument)),
    ]
    return [
        _build_part(part, source, tree, folder, architecture=architecture, options=options) for part in PARTS
    ]


def labels(source: Source) -> dict[str, str]:
    """Return the labels that depend on the commit. The Dockerfiles have the others."""
    found = {"revision": source.revision, "created": source.date.strftime("%Y-%m-%dT%H:%M:%SZ")}
    if source.address:
        found["source"] = source.address
    return {f"{_LABEL}.{name}": value for name, value in found.items()}


def _build_part(
    part: str, source: Source, tree: Path, folder: Path, *, architecture: str, options: Sequence[str]
) -> Artifact:
    name = f"{source.name}-{part}"
    path, saved = folder / f"{name}-{source.version}-{architecture}.tar", folder / "saved"
    tag = f"{name}:release-{secrets.token_hex(4)}"
    report(f"building the image {name}; this takes about a minute")
    # Without the cache of earlier builds, which a person who verifies the release does not have.
    build_command = ("docker", "build", "--quiet", "--no-cache", "--tag", tag, "--file", f"Dockerfile.{part}")
    run(*build_command, *options, ".", cwd=tree)
    try:
        content = _inspect(tag)
        report(f"saving the image {name}")
        run("docker", "save", "--output", str(saved), tag)
    finally:
        run("docker", "image", "rm", "--force", tag)
    digest = write_archive(saved, path, f"{name}:{source.version}", source.date)
    saved.unlink()
    return Artifact(
        path=path,
        name=name,
        version=source.version,
        type=ComponentType.CONTAINER,
        address=PackageURL("oci", None, name, digest, {"arch": architecture, "tag": source.version}),
        packages=contained_packages(tree / f"requirements/{part}.lock", content["packages"]),
        npm=bundled_packages(tree / PAGES_LOCK) if part == _SERVES_PAGES else (),
        debian=tuple(DebianPackage(*line.split()) for line in content["debian"]),
        python=content["python"],
    )


def _inspect(tag: str) -> dict[str, Any]:
    """Return what `_INSPECT` prints in a container of an image."""
    command = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "python", tag)
    return dict(json.loads(run(*command, "-P", "-c", _INSPECT)))
