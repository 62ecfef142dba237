"""The Python distributions of a release."""

import sys
import tomllib
from pathlib import Path
from typing import Final

from cyclonedx.model.component import ComponentType
from packageurl import PackageURL

from release.artifact import Artifact
from release.commands import report, run
from release.packages import PAGES_LOCK, bundled_packages, needed_packages

#: The folders of the source tree that hold a pyproject.toml, each with the lock file of what it needs.
DISTRIBUTIONS: Final = {".": "requirements/run.lock", "client": "requirements/client.lock"}


def build(tree: Path, folder: Path) -> list[Artifact]:
    """Build the source distribution and the wheel of each distribution."""
    return [
        _build_target(target, tree / project, tree / lock, folder)
        for project, lock in DISTRIBUTIONS.items()
        for target in ("sdist", "wheel")
    ]


def _build_target(target: str, project: Path, lock: Path, folder: Path) -> Artifact:
    described = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    name, version = described["name"], described["version"]
    report(f"building the {target} of {name}")
    present = set(folder.iterdir())
    command = (sys.executable, "-m", "hatchling", "build", "--target", target)
    run(*command, "--directory", str(folder.resolve()), cwd=project)
    (path,) = set(folder.iterdir()) - present
    address = PackageURL("generic", None, name, version, {"file_name": path.name})
    return Artifact(
        path=path,
        name=name,
        version=version,
        type=ComponentType.APPLICATION,
        address=address,
        packages=needed_packages(lock),
        npm=bundled_packages(pages) if (pages := project / PAGES_LOCK).exists() else (),
    )
