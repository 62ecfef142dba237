"""The folder for the worker's files, on real mounts."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxFailure
from sandbox.jail import state_folder
from tests.support.checkout import ROOT
from tests.support.need import need


@pytest.fixture(params=["nosuid", "nodev", "noexec"])
def mounted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A file system with one of the flags, in a temporary folder that every user may enter."""
    if os.geteuid() != 0:
        need("only root can mount")
    flag = str(request.param)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"{flag},mode=1777,size=1m", "tmpfs", tmp_path], check=True)
    yield tmp_path, flag
    subprocess.run(["umount", tmp_path], check=True)


def test_choose_names_the_folder_and_the_flag_when_it_is_a_setting(mounted: tuple[Path, str]) -> None:
    folder, flag = mounted
    with pytest.raises(SandboxFailure, match=rf"STATE_DIR: {folder} is mounted {flag}"):
        state_folder.choose(folder)


def test_choose_takes_another_folder_and_says_so_when_the_temporary_folder_has_a_flag(
    mounted: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder, flag = mounted
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with caplog.at_level(logging.INFO):
        chosen = state_folder.choose(None)
    assert chosen == Path("/var/tmp")
    assert caplog.messages == [f"the worker's files are in /var/tmp: {folder} is mounted {flag}"]


def test_choose_takes_no_folder_in_a_home_when_the_user_is_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    (tmp_path / ".cache").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(
        state_folder, "find_fault", lambda path: None if path.parent == tmp_path else "closed"
    )
    with pytest.raises(SandboxFailure, match="no folder"):
        state_folder.choose(None)


def test_self_test_runs_in_a_jail_when_the_temporary_folder_has_a_flag(
    nsjail: None, mounted: tuple[Path, str]
) -> None:
    folder, flag = mounted
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "sandbox",
            "selftest",
            "--sandbox",
            "nsjail",
            "--only",
            "ordinary-job-succeeds",
        ],
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert f"{folder} is mounted {flag}" in run.stderr
    assert "nsjail: " in run.stdout
