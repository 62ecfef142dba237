import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_nothing_grows_under_steady_load(nsjail: None, folder: Path) -> None:
    command = [sys.executable, "-m", "stress.soak", "--seconds", "15"]
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
