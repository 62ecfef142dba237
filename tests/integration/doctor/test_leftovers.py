"""The doctor leaves no folder, cgroup and process behind, whatever ends it."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from sandbox.jail import hierarchy
from tests.support.checkout import ROOT
from tests.support.doctor import COMMAND, plain_environment
from tests.support.wait import eventually

#: Marks the processes of one run in their environments.
_MARK = "DOCTOR_TEST"


@contextmanager
def at_its_jail(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the doctor in a temporary folder, and wait until it makes its jail there."""
    environment = plain_environment(TMPDIR=str(folder), **{_MARK: folder.name})
    with subprocess.Popen(
        [*COMMAND, "--only", "jail", "kernel"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            eventually(
                lambda: any(folder.glob("python-executor-*/root/usr")), within=60, what="a jail is made"
            )
            yield process
        finally:
            process.kill()


def _processes(folder: Path) -> list[int]:
    """Return the processes of the run that have not ended."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except psutil.Error:
            continue
        if environment.get(_MARK) == folder.name and process.pid != os.getpid():
            found.append(process.pid)
    return found


def _cgroups(instance: str) -> list[Path]:
    return [folder / instance for folder in hierarchy.detect().unique_folders if (folder / instance).is_dir()]


@pytest.mark.parametrize("ends", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_doctor_leaves_nothing_behind_when_a_signal_ends_it(nsjail: None, ends: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with at_its_jail(folder) as process:
            (instance,) = [path.name for path in folder.glob("python-executor-*")]
            process.send_signal(ends)
            process.wait(60)
        eventually(lambda: not _processes(folder), within=30, what="all processes are gone")
        eventually(lambda: not any(folder.iterdir()), within=30, what="the folder is empty")
        eventually(lambda: not _cgroups(instance), within=30, what="all cgroups are gone")
