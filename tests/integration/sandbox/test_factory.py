"""The choice of the sandbox: a jail wherever one works, and a quick end where none does."""

import logging
from contextlib import closing
from pathlib import Path

import pytest

from jobs.job import Job
from jobs.outcome import SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.factory import JailOptions, open_sandbox
from sandbox.isolation import Isolation
from selftest.startup import verify

JOB = Job("def main():\n    return {'ok': True}")


@pytest.fixture
def helpless(nsjail: None, tmp_path: Path) -> Path:
    """An nsjail that can make no jail, and writes down what there was of its root when it was tried."""
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
def test_auto_takes_a_jail_where_one_works(nsjail: None, isolation: Isolation) -> None:
    with (
        open_sandbox("auto", verify=verify, jails=JailOptions(isolation=isolation)) as choice,
        closing(choice.create()) as sandbox,
    ):
        outcome = sandbox.run(JOB)
    assert (outcome.sandbox, outcome.result) == (SandboxKind.NSJAIL, {"ok": True})


def test_auto_says_why_there_is_no_jail(helpless: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.WARNING),
        open_sandbox("auto", verify=verify, jails=JailOptions(nsjail=helpless)) as choice,
        closing(choice.create()) as sandbox,
    ):
        outcome = sandbox.run(JOB)
    assert (outcome.sandbox, outcome.result) == (SandboxKind.RESTRICTED, {"ok": True})
    (said,) = (record.getMessage() for record in caplog.records)
    assert said.startswith("NO JAIL WORKS HERE")
    assert "clone failed: Operation not permitted" in said


def test_no_library_is_copied_where_no_jail_can_be_made(helpless: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(SandboxFailure, match="clone failed"),
        open_sandbox("nsjail", verify=verify, jails=JailOptions(helpless)),
    ):
        pass
    there = (tmp_path / "roots").read_text().splitlines()
    # It was tried once, with an interpreter and what that loads, and without any module.
    assert sum(path.endswith("/usr/bin/python3") for path in there) == 1
    assert [path for path in there if path.endswith((".py", ".pyc")) or "dynload" in path] == []
