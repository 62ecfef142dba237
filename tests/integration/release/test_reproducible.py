"""Two makers get the same release from the same commit."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.release import NO_ENGINE, commit_checkout, contents, make_release

#: An ordinary user who can read the packages of this checkout, wherever it is.
OTHER_USER = (
    *("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"),
    *("--inh-caps", "-all,+dac_read_search", "--ambient-caps", "-all,+dac_read_search"),
)


@pytest.fixture
def others_folder() -> Iterator[Path]:
    """A folder that every user can enter: git asks access(2), which ignores capabilities."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        again = folder / "a folder of another maker"
        again.mkdir()
        yield again


def test_release_has_the_same_bytes_when_another_maker_builds_it(dist: Path, others_folder: Path) -> None:
    commit_checkout(others_folder)
    then = 1 + secrets.randbelow(10**9)
    for path in others_folder.rglob("*.*"):
        if ".git" not in path.parts and path.is_file():
            os.utime(path, (then, then))
            path.chmod(path.stat().st_mode & 0o700)
    prefix: tuple[str, ...] = ()
    if os.getuid() == 0:
        prefix = OTHER_USER
        for path in (others_folder, *others_folder.rglob("*")):
            os.chown(path, 1000, 1000, follow_symlinks=False)
    maker = {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "HOME": str(others_folder), "USER": "other"}
    made = make_release(others_folder, {**NO_ENGINE, **maker}, umask=0o077, prefix=prefix)
    assert made.returncode == 0, made.stderr
    first, second = contents(dist), contents(others_folder / "dist")
    assert {name for name in first | second if first.get(name) != second.get(name)} == set()
