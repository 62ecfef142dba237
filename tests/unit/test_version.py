"""The version of the project: one number wherever it stands."""

import re
import tomllib
from datetime import date

import pytest

from config.names import VERSION
from tests.support.checkout import ROOT

#: Files that name the version, each with a pattern of what stands before it.
PLACES = {
    "Dockerfile.api": "ARG VERSION=",
    "Dockerfile.worker": "ARG VERSION=",
    "deploy/cloud-run/service.yaml": "VERSION=",
    "deploy/kubernetes/restricted/api.yaml": "image: python-executor-api:",
    "deploy/kubernetes/restricted/worker.yaml": "image: python-executor-worker:",
    "docs/how-to/cloud-run.md": "VERSION=",
    "docs/how-to/kubernetes.md": r"newTag: |executor-\$part:",
    "docs/how-to/verify.md": "python[_-]executor(?:-api)?[:-]",
}


@pytest.mark.parametrize("folder", [".", "client"])
def test_version_is_that_of_the_distribution(folder: str) -> None:
    assert tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize("name", PLACES)
def test_file_names_the_version_of_the_project(name: str) -> None:
    text = (ROOT / name).read_text()
    assert set(re.findall(rf"(?:{PLACES[name]})(\d+(?:\.\d+)+)", text)) == {VERSION}


def test_changelog_names_the_version_below_what_is_unreleased() -> None:
    headings = re.findall(r"^## \[(.+?)\](?: - (.+))?$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    (unreleased, no_date), (version, released) = headings[:2]
    assert (unreleased, no_date, version) == ("Unreleased", "", VERSION)
    assert date.fromisoformat(released)
