"""Releases of the checkout, made in copies of it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.checkout import clone_checkout

#: The time of the commits, in seconds since 1970.
COMMIT_TIME = 1767323045

#: The same for every copy, so that the copies of one checkout have the same commit.
_COMMIT = {
    f"GIT_{role}_{field}": value
    for role in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "Test"), ("EMAIL", "test@example.com"), ("DATE", f"{COMMIT_TIME} +0100"))
}
_GIT = _COMMIT | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

#: No container engine listens here.
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without the settings of this machine."""
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **_GIT},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def commit(folder: Path) -> None:
    """Commit every file of a folder."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "Test")


def commit_checkout(folder: Path) -> None:
    """Make a repository in `folder` with one commit: the checkout, its uncommitted changes included."""
    clone_checkout(folder)
    commit(folder)


def make_release(
    folder: Path,
    environment: Mapping[str, str],
    *arguments: str,
    umask: int = 0o022,
    prefix: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run `make release` in a repository, with the packages that are installed here.

    Args:
        folder: The repository.
        environment: Added to PATH, which is all that the environment has otherwise.
        arguments: Arguments of the command.
        umask: The umask of the maker.
        prefix: A command that starts the release, such as setpriv.
    """
    return subprocess.run(
        [*prefix, sys.executable, "-m", "release", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
