"""The sandbox factory: a jail on hosts where one works, and an early error on others."""

import logging
import subprocess
import sys
import sysconfig
from contextlib import closing
from pathlib import Path

import pytest

from jobs.job import Job
from jobs.outcome import SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, SandboxSetting, open_sandbox
from sandbox.isolation import Isolation
from selftest.startup import verify

JOB = Job("def main():\n    return {'ok': True}")


@pytest.fixture
def failing_nsjail(nsjail: None, tmp_path: Path) -> Path:
    """An nsjail that fails to make a jail and records the files of its root."""
    script = tmp_path / "nsjail"
    script.write_text(
        "#!/bin/sh\n"
        f'/usr/bin/find "$JAIL_ROOT" >> {tmp_path}/roots\n'
        'echo "clone failed: Operation not permitted" >&2\n'
        "exit 255\n"
    )
    script.chmod(0o755)
    return script


@pytest.mark.parametrize("isolation", list(Isolation))
def test_open_sandbox_takes_nsjail_when_a_jail_works(nsjail: None, isolation: Isolation) -> None:
    with (
        open_sandbox("auto", verify=verify, jails=JailOptions(isolation=isolation)) as factory,
        closing(factory.create()) as sandbox,
    ):
        outcome = sandbox.run(JOB)
    assert (outcome.sandbox, outcome.result) == (SandboxKind.NSJAIL, {"ok": True})


@pytest.mark.parametrize("setting", ["auto", "nsjail", "restricted"])
def test_open_sandbox_refuses_a_free_threaded_build(
    monkeypatch: pytest.MonkeyPatch, setting: SandboxSetting
) -> None:
    monkeypatch.setitem(sysconfig.get_config_vars(), "Py_GIL_DISABLED", 1)
    with pytest.raises(SandboxFailure, match="a free-threaded build of Python is not supported"):
        open_sandbox(setting, verify=verify).__enter__()


def test_open_sandbox_logs_why_when_no_jail_works(
    failing_nsjail: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        open_sandbox("auto", verify=verify, jails=JailOptions(nsjail=failing_nsjail)) as factory,
        closing(factory.create()) as sandbox,
    ):
        outcome = sandbox.run(JOB)
    assert (outcome.sandbox, outcome.result) == (SandboxKind.RESTRICTED, {"ok": True})
    (warning,) = (record.getMessage() for record in caplog.records)
    assert warning.startswith("NO JAIL WORKS HERE")
    assert "clone failed: Operation not permitted" in warning


def test_open_sandbox_copies_no_library_when_no_jail_can_be_made(
    failing_nsjail: Path, tmp_path: Path
) -> None:
    with (
        pytest.raises(SandboxFailure, match="clone failed"),
        open_sandbox("nsjail", verify=verify, jails=JailOptions(failing_nsjail)),
    ):
        pass
    files = (tmp_path / "roots").read_text().splitlines()
    # nsjail ran once, with the interpreter and its shared libraries and without any module.
    assert sum(path.endswith("/usr/bin/python3") for path in files) == 1
    assert [path for path in files if path.endswith((".py", ".pyc")) or "dynload" in path] == []


@pytest.mark.parametrize("sandbox", ["auto", "nsjail", "restricted"])
def test_open_sandbox_names_the_known_architectures_when_the_machine_has_another(sandbox: str) -> None:
    if subprocess.run(["setarch", "linux32", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this processor has no 32-bit architecture to show")
    finished = subprocess.run(
        ["setarch", "linux32", sys.executable, "-m", "sandbox", "selftest", "--sandbox", sandbox],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 2
    assert finished.stderr.endswith("; there are lists of system calls for x86_64 and aarch64 only\n")
    assert finished.stderr.count("\n") == 1
