"""The commit that is released, and whether it may be."""

import os
import time
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from release.commands import ReleaseError, run

#: Settings of the maker's machine that could show in the result, with the values that a release is made with.
_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
_UMASK: Final = 0o022


@dataclass(frozen=True)
class Source:
    """A commit.

    Attributes:
        name: The name of the project.
        version: Its version, from pyproject.toml.
        license: Its licence, an SPDX expression.
        address: The address of the source code, `Source` of `project.urls`, or None.
        revision: The full id of the commit.
        date: The date of the commit.
    """

    name: str
    version: str
    license: str
    address: str | None
    revision: str
    date: datetime


def read_source() -> Source:
    """Return the commit that is checked out in the working folder."""
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    revision, date = run("git", "log", "-1", "--no-show-signature", "--format=%H %ct").split()
    address = project.get("urls", {}).get("Source")
    committed = datetime.fromtimestamp(int(date), UTC)
    return Source(project["name"], project["version"], project["license"], address, revision, committed)


def check_releasable(source: Source) -> None:
    """Refuse a release that could not be told from another, or that users could not read about.

    Raises:
        ReleaseError: The working tree has changes, CHANGELOG.md does not name the version, or a tag differs.
    """
    if changed := run("git", "status", "--porcelain", "--untracked-files=normal").splitlines():
        others = f" and {len(changed) - 1} more" if changed[1:] else ""
        raise ReleaseError(f"commit or remove your changes first: {changed[0][3:]}{others}")
    heading = f"## [{source.version}] - "
    if not any(line.startswith(heading) for line in Path("CHANGELOG.md").read_text("utf-8").splitlines()):
        raise ReleaseError(f"CHANGELOG.md has no line `{heading}DATE` for the version of pyproject.toml")
    tag = f"v{source.version}"
    here = set(run("git", "tag", "--points-at", "HEAD", "--list", "v*").split())
    if other := min(here - {tag}, default=None):
        raise ReleaseError(
            f"this commit has the tag {other}, but the version of pyproject.toml is {source.version}"
        )
    if tag not in here and run("git", "tag", "--list", tag):
        raise ReleaseError(f"the tag {tag} is on another commit")


def fix_environment(source: Source) -> None:
    """Make this process and its children independent of the maker's locale, time zone, umask and clock."""
    os.umask(_UMASK)
    os.environ |= _ENVIRONMENT | {"SOURCE_DATE_EPOCH": f"{source.date.timestamp():.0f}"}
    time.tzset()


def export(folder: Path) -> None:
    """Write the files of the commit into a new folder."""
    folder.mkdir(parents=True)
    archive = folder.with_suffix(".tar")
    settings = ("-c", f"tar.umask={_UMASK:04o}", "-c", "core.autocrlf=false")
    run("git", *settings, "archive", "--output", str(archive), "HEAD")
    run("tar", "--extract", "--file", str(archive), "--directory", str(folder))
    archive.unlink()
