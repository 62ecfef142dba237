"""How a job ends that no sandbox has ended, and how often it is tried before."""

import json
from typing import Final

from jobs.outcome import ErrorType, JobError, Outcome

#: How often a job is tried when the sandbox or the worker, not the script, goes wrong.
ATTEMPTS: Final = 3

#: How a job ends that waited too long, and one whose worker was lost at every attempt.
EXPIRED: Final = Outcome(
    error=JobError(ErrorType.EXPIRED, "the job was not run within the time that jobs may wait")
)
LOST: Final = Outcome(
    error=JobError(
        ErrorType.SANDBOX_FAILURE,
        f"the worker was lost {ATTEMPTS} times while it ran this job; it is not tried again",
    )
)


def text(outcome: Outcome) -> str:
    """Return the outcome as a record holds it."""
    return json.dumps(outcome.to_wire())
