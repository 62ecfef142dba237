"""Fixtures that run a trial in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.checkout import ROOT

#: Starts a trial, given the name of its module and its arguments.
StartTrial = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make an empty folder that the user of a jail can enter. pytest's own folders admit only their owner."""
    with TemporaryDirectory(prefix="t-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def start_trial(nsjail: None, folder: Path) -> StartTrial:
    """Return a function that starts a trial with its files in `folder`."""

    def start(module: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", f"stress.{module}", *arguments],
            cwd=ROOT,
            env={"TMPDIR": str(folder), "PATH": os.environ["PATH"], "SANDBOX": "nsjail"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.fixture
def assert_passes(start_trial: StartTrial, folder: Path) -> Callable[..., None]:
    """Return a function that runs a trial, which must pass and leave no file behind."""

    def run(module: str, *arguments: str) -> None:
        with start_trial(module, *arguments) as trial:
            output, _ = trial.communicate()
        assert trial.returncode == 0, output
        assert "passed" in output
        assert not list(folder.iterdir())

    return run
