"""The CI workflow runs the commands that a person runs."""

from typing import Any

import yaml

from tests.support.checkout import ROOT


def _commands() -> list[str]:
    workflow: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    return [step["run"] for step in steps if "run" in step]


def test_ci_workflow_runs_check_test_every_python_and_the_complete_run() -> None:
    check, test, pythons, complete = _commands()
    assert check == "make check"
    assert test.endswith(" make test")
    assert " make test-pythons " in pythons
    assert complete == "CI=true .ci/run"
