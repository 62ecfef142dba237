import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.wait import eventually


def test_no_job_is_lost_or_doubled_while_parts_are_killed(passes: Callable[..., None]) -> None:
    passes("chaos", "--jobs", "40", "--seconds", "15")


def test_a_trial_that_is_stopped_leaves_nothing(
    start: Callable[..., "subprocess.Popen[str]"], folder: Path
) -> None:
    with start("chaos", "--jobs", "40", "--seconds", "60") as trial:
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
