"""Compare the files of an environment with its manifest."""

import os
from collections.abc import Iterator
from pathlib import Path

from environments import manifest
from environments.download import sha256
from environments.folder import PACKAGES
from environments.refusal import Refusal, shown


def compare(content: Path) -> Iterator[str]:
    """Yield a line for each difference between an environment and its manifest.

    Args:
        content: The folder of the environment.

    Raises:
        Refusal: The manifest or a file cannot be read.
    """
    expected = manifest.read(content).files
    found = files(content / PACKAGES)
    for path in sorted(expected.keys() | found.keys()):
        if path not in found:
            yield f"missing: {shown(path)}"
        elif path not in expected:
            yield f"added: {shown(path)}"
        elif found[path] != expected[path]:
            yield f"changed: {shown(path)}"


def files(packages: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in a folder, by its path in the folder.

    A link has what it leads to in place of the SHA-256, so it equals no file.

    Raises:
        Refusal: A file cannot be read.
    """
    try:
        return dict(sorted(_files(packages)))
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from error


def _files(packages: Path) -> Iterator[tuple[str, str]]:
    for folder, folders, names in os.walk(packages, onerror=_fail):
        for name in (*names, *(name for name in folders if Path(folder, name).is_symlink())):
            path = Path(folder, name)
            yield (
                str(path.relative_to(packages)),
                f"link to {path.readlink()}" if path.is_symlink() else sha256(path),
            )


def _fail(error: OSError) -> None:
    raise error
