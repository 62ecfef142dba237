"""Core dumps: if core_pattern is a pipe, no crash that a script causes starts the host's helper."""

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sandbox.errors import SandboxFailure
from sandbox.jail.preflight import check_core_dumps
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.crash import SIGNAL, crash
from tests.support.need import need
from tests.support.scripts import run_script
from tests.support.wait import eventually, stable_value
from validation.check_subprocess import check_in_subprocess

_CORE_PATTERN: Final = Path("/proc/sys/kernel/core_pattern")

#: Tries to lower its limit on core files, then crashes.
_SCRIPT: Final = f"""
import contextlib, os, resource
def main():
    for limits in ((0, 1), (0, 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, limits)
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(0, resource.RLIMIT_CORE, limits)
    os.kill(os.getpid(), {SIGNAL:d})
"""


@pytest.fixture
def helped(tmp_path: Path) -> Iterator[Path]:
    """Let core_pattern start a helper that writes the signal of each crash to the file."""
    if os.geteuid() != 0 or not os.access(_CORE_PATTERN, os.W_OK):
        need("only root can set core_pattern")
    log, helper = tmp_path / "log", tmp_path / "helper"
    helper.write_text(f'#!/bin/sh\necho "$1" >> {log}\n')
    helper.chmod(0o755)
    with _CORE_PATTERN.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = _CORE_PATTERN.read_text()
        _CORE_PATTERN.write_text(f"|{helper} %s")
        try:
            yield log
        finally:
            _CORE_PATTERN.write_text(before)


def _helpers_started(log: Path) -> int:
    """Return how many crashes have started the helper, without one crash of our own that must start it."""
    program = (
        "import os, resource; hard = resource.getrlimit(resource.RLIMIT_CORE)[1]; "
        f"resource.setrlimit(resource.RLIMIT_CORE, (0, hard)); os.kill(os.getpid(), {SIGNAL:d})"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    eventually(log.exists, within=10, what="the helper of the test's own crash has written")
    return stable_value(log.read_text).split().count(str(int(SIGNAL))) - 1


def _crash(sandbox: Sandbox) -> None:
    outcome = run_script(sandbox, _SCRIPT)
    assert outcome.error is not None
    assert "SIGTRAP" in outcome.error.message


def test_crash_in_a_jail_starts_no_helper(sandbox: NsjailSandbox, helped: Path) -> None:
    _crash(sandbox)
    assert _helpers_started(helped) == 0


def test_crash_in_the_restricted_executor_starts_no_helper(
    kernel_layer: RestrictedSandbox, helped: Path
) -> None:
    _crash(kernel_layer)
    assert _helpers_started(helped) == 0


def test_crash_of_a_check_starts_no_helper(helped: Path) -> None:
    assert check_in_subprocess("def main(): return {}", crash).rejection
    assert _helpers_started(helped) == 0


@pytest.mark.parametrize(("core_pattern", "refused"), [("|/helper %p", True), ("core", False)])
def test_preflight_refuses_a_hard_limit_of_0_only_when_core_pattern_is_a_pipe(
    core_pattern: str, refused: bool
) -> None:
    pid = os.fork()
    if pid == 0:
        answer = 2
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if os.geteuid() == 0:
                os.setuid(65534)
            answer = 0
            check_core_dumps(core_pattern)
        except SandboxFailure:
            answer = 1
        finally:
            os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == refused
