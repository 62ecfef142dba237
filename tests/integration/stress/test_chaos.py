import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.wait import eventually


def test_service_runs_each_job_once_when_its_processes_are_killed(assert_passes: Callable[..., None]) -> None:
    assert_passes("chaos", "--jobs", "40", "--seconds", "15")


def test_trial_leaves_no_process_and_no_file_when_it_is_stopped(
    start_trial: Callable[..., "subprocess.Popen[str]"], folder: Path
) -> None:
    with start_trial("chaos", "--jobs", "40", "--seconds", "60") as trial:
        assert trial.stdout
        trial.stdout.readline()
        children = eventually(
            lambda: (found := psutil.Process(trial.pid).children(recursive=True))[5:] and found,
            within=30,
            what="the parts are started",
        )
        trial.terminate()
        assert trial.wait(60) == 1
    assert not psutil.wait_procs(children, timeout=2)[1]
    assert not list(folder.iterdir())
