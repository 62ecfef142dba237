import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support.wait import eventually

ROOT = Path(__file__).parents[3]


def test_no_job_is_lost_or_doubled_while_parts_are_killed(nsjail: None, folder: Path) -> None:
    command = [sys.executable, "-m", "stress.chaos", "--jobs", "40", "--seconds", "15"]
    trial = subprocess.run(
        command,
        cwd=ROOT,
        env={"TMPDIR": str(folder), "PATH": os.environ["PATH"], "SANDBOX": "nsjail"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert trial.returncode == 0, trial.stdout + trial.stderr
    assert "passed" in trial.stdout
    assert not list(folder.iterdir())


def test_a_trial_that_is_stopped_leaves_nothing(nsjail: None, folder: Path) -> None:
    command = [sys.executable, "-m", "stress.chaos", "--jobs", "40", "--seconds", "60"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={"TMPDIR": str(folder), "PATH": os.environ["PATH"], "SANDBOX": "nsjail"},
        stdout=subprocess.PIPE,
    ) as trial:
        assert trial.stdout
        trial.stdout.readline()
        started = eventually(
            lambda: (found := psutil.Process(trial.pid).children(recursive=True))[5:] and found,
            within=30,
            what="the parts are started",
        )
        trial.terminate()
        assert trial.wait(60) == 1
    assert not psutil.wait_procs(started, timeout=2)[1]
    assert not list(folder.iterdir())
