"""The code of others in the pages: npm packages, each bundled into one file, and their licences.

The bundler does not run the code of the packages, and npm runs no install script. The same versions give the
same bytes.
"""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from release.commands import ReleaseError, report, run

#: Where npm puts packages, in the paths of the bundler.
_INSTALLED: Final = "node_modules"

_INSTALL: Final = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
_BUNDLE: Final = ("npm", "run", "--silent", "bundle", "--", "--outdir=bundles", "--metafile=meta.json")

_INTRODUCTION: Final = (
    "The JavaScript beside this file contains the following packages. `make pages` writes it."
)


def write_bundles(source: Path, folder: Path) -> None:
    """Bundle what a folder pins and exports, and write the bundles and LICENSES.txt.

    Args:
        source: The folder with package.json, its lock, and a module for each bundle.
        folder: The folder to write. Other files in it are removed.

    Raises:
        ReleaseError: npm or the bundler fails, or a package has no licence file.
    """
    report("bundling the JavaScript packages")
    with tempfile.TemporaryDirectory() as temporary:
        workshop = Path(temporary)
        for path in (*source.glob("*.json"), *source.glob("*.js")):
            shutil.copy(path, workshop)
        run(*_INSTALL, cwd=workshop)
        run(*_BUNDLE, cwd=workshop)
        packages = packages_in(json.loads((workshop / "meta.json").read_text("utf-8")))
        licences = _licences(workshop / _INSTALLED, packages)
        (workshop / "bundles/LICENSES.txt").write_text(licences, "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(workshop / "bundles", folder)


def packages_in(metafile: Mapping[str, Any]) -> list[str]:
    """Return the names of the packages that have code in a bundle.

    Args:
        metafile: What the bundler says about its output: https://esbuild.github.io/api/#metafile
    """
    inputs = [found for output in metafile["outputs"].values() for found in output["inputs"].items()]
    return sorted({_package_of(path) for path, part in inputs if part["bytesInOutput"]} - {""})


def _package_of(path: str) -> str:
    """Return the package of a file, "" for a file of our own."""
    folder, *parts = path.split("/")
    if folder != _INSTALLED:
        return ""
    return "/".join(parts[:2] if parts[0].startswith("@") else parts[:1])


def _licences(installed: Path, packages: Iterable[str]) -> str:
    parts = [_INTRODUCTION]
    for name in packages:
        described = json.loads((installed / name / "package.json").read_text("utf-8"))
        texts = sorted((installed / name).glob("LICEN[CS]E*"))
        if len(texts) != 1:
            raise ReleaseError(f"the package {name} has {len(texts)} licence files instead of one")
        title = f"{name} {described['version']}, {described['license']}"
        text = "\n".join(line.rstrip() for line in texts[0].read_text("utf-8").strip().splitlines())
        parts.append(f"{title}\n{'=' * len(title)}\n\n{text}")
    return "\n\n\n".join(parts) + "\n"
