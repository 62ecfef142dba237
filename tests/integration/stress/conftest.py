"""A folder for a trial's files, and the trial."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checkout import ROOT

#: Starts a trial: the module's name and its arguments.
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make an empty folder; a jail's user may walk through it, as it may not through pytest's own."""
    with TemporaryDirectory(prefix="t-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def start(nsjail: None, folder: Path) -> Start:
    """Start a trial whose files are in the folder."""

    def start(name: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", f"stress.{name}", *arguments],
            cwd=ROOT,
            env={"TMPDIR": str(folder), "PATH": os.environ["PATH"], "SANDBOX": "nsjail"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.fixture
def passes(start: Start, folder: Path) -> Callable[..., None]:
    """Run a trial to its end, which must be a good one."""

    def run(name: str, *arguments: str) -> None:
        with start(name, *arguments) as trial:
            said, _ = trial.communicate()
        assert trial.returncode == 0, said
        assert "passed" in said
        assert not list(folder.iterdir())

    return run
