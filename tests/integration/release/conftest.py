"""A release without images, which the tests share."""

from pathlib import Path

import pytest

from tests.support.release import NO_ENGINE, commit_checkout, make_release


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of a release."""
    folder = tmp_path_factory.mktemp("first")
    commit_checkout(folder)
    made = make_release(folder, {**NO_ENGINE, "TZ": "Asia/Tokyo", "LC_ALL": "C"})
    assert made.returncode == 0, made.stderr
    return folder / "dist"
