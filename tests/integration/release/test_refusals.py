"""When `make release` refuses, and what it says."""

import re
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.support.release import NO_ENGINE, commit, git, make_release

PROJECT = '[project]\nname = "example"\nversion = "1.2.3"\nlicense = "MIT"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project with version 1.2.3, which its changelog names."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n")
    commit(tmp_path)
    return tmp_path


def refusal(repository: Path, **environment: str) -> str:
    """Return the only line that a refused release prints."""
    made = make_release(repository, {"PYTHONPATH": str(ROOT), **NO_ENGINE, **environment})
    assert made.returncode == 1
    assert not (repository / "dist").exists()
    [line] = made.stderr.splitlines()
    return line.removeprefix("make release: ")


def test_release_is_refused_when_the_tree_has_changes(repository: Path) -> None:
    (repository / "new file").touch()
    assert refusal(repository) == 'commit or remove your changes first: "new file"'
    (repository / "CHANGELOG.md").write_text("")
    assert refusal(repository) == "commit or remove your changes first: CHANGELOG.md and 1 more"


def test_release_is_refused_when_the_changelog_does_not_name_the_version(repository: Path) -> None:
    (repository / "pyproject.toml").write_text(PROJECT.replace("1.2.3", "1.2.4"))
    commit(repository)
    expected = "CHANGELOG.md has no line `## [1.2.4] - DATE` for the version of pyproject.toml"
    assert refusal(repository) == expected


def test_release_is_refused_when_the_tag_of_the_commit_differs(repository: Path) -> None:
    git(repository, "tag", "v1.2.2")
    expected = "this commit has the tag v1.2.2, but the version of pyproject.toml is 1.2.3"
    assert refusal(repository) == expected


def test_release_is_refused_when_the_tag_is_on_another_commit(repository: Path) -> None:
    git(repository, "tag", "--annotate", "v1.2.3", "--message", "Release")
    (repository / "README.md").touch()
    commit(repository)
    assert refusal(repository) == "the tag v1.2.3 is on another commit"


def test_release_is_refused_when_ci_is_set_and_no_engine_answers(repository: Path) -> None:
    git(repository, "tag", "--annotate", "v1.2.3", "--message", "Release")
    assert re.fullmatch(r"no container engine answers .*, and CI is set", refusal(repository, CI="true"))


def test_release_is_refused_when_there_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    made = make_release(
        tmp_path, {"PYTHONPATH": str(ROOT), **NO_ENGINE, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    )
    assert made.returncode == 1
    assert made.stderr.splitlines()[-1].startswith("make release: `git log")
