"""Run scripts in a sandbox and look at their outcomes."""

import textwrap
from typing import Any

from jobs.job import Job
from jobs.outcome import ErrorType, Outcome
from sandbox.protocol import Sandbox


def run_script(sandbox: Sandbox, script: str, **fields: Any) -> Outcome:
    """Run a script, which may be indented, as a job with the given fields."""
    return sandbox.run(Job(textwrap.dedent(script), **fields))


def error_of(outcome: Outcome) -> tuple[ErrorType, str]:
    """Return type and message of the outcome's error; fail the test if it has none."""
    assert outcome.error is not None, outcome
    return outcome.error.type, outcome.error.message
