"""When `make release` refuses, and what it says."""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from release.__main__ import main
from tests.support.checkout import ROOT
from tests.support.release import NO_ENGINE, commit, git, make_release

Refuse = Callable[[], str]

PROJECT = '[project]\nname = "example"\nversion = "1.2.3"\nlicense = "MIT"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project with version 1.2.3, which its changelog names."""
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n")
    commit(tmp_path)
    return tmp_path


@pytest.fixture
def refusal(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Return a function that makes a release in this process, and returns the message of the refusal."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["release"])
    monkeypatch.chdir(repository)

    def refuse() -> str:
        with pytest.raises(SystemExit) as refused:
            main()
        assert not Path("dist").exists()
        return str(refused.value.code).removeprefix("make release: ")

    return refuse


def test_release_is_refused_when_the_tree_has_changes(repository: Path, refusal: Refuse) -> None:
    (repository / "new file").touch()
    assert refusal() == 'commit or remove your changes first: "new file"'
    (repository / "CHANGELOG.md").write_text("")
    assert refusal() == "commit or remove your changes first: CHANGELOG.md and 1 more"


def test_release_is_refused_when_the_changelog_does_not_name_the_version(
    repository: Path, refusal: Refuse
) -> None:
    (repository / "pyproject.toml").write_text(PROJECT.replace("1.2.3", "1.2.4"))
    commit(repository)
    expected = "CHANGELOG.md has no line `## [1.2.4] - DATE` for the version of pyproject.toml"
    assert refusal() == expected


def test_release_is_refused_when_the_tag_of_the_commit_differs(repository: Path, refusal: Refuse) -> None:
    git(repository, "tag", "v1.2.2")
    expected = "this commit has the tag v1.2.2, but the version of pyproject.toml is 1.2.3"
    assert refusal() == expected


def test_release_is_refused_when_the_tag_is_on_another_commit(repository: Path, refusal: Refuse) -> None:
    git(repository, "tag", "--annotate", "v1.2.3", "--message", "Release")
    (repository / "README.md").touch()
    commit(repository)
    assert refusal() == "the tag v1.2.3 is on another commit"


def test_release_is_refused_in_one_line_when_ci_is_set_and_no_engine_answers(repository: Path) -> None:
    git(repository, "tag", "--annotate", "v1.2.3", "--message", "Release")
    made = make_release(repository, {"PYTHONPATH": str(ROOT), **NO_ENGINE, "CI": "true"})
    assert made.returncode == 1
    assert not (repository / "dist").exists()
    [line] = made.stderr.splitlines()
    assert re.fullmatch(r"make release: no container engine answers .*, and CI is set", line)


def test_release_is_refused_when_there_is_no_repository(
    refusal: Refuse, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("no repository")
    (folder / "pyproject.toml").write_text(PROJECT)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    monkeypatch.chdir(folder)
    assert refusal().startswith("`git log")
