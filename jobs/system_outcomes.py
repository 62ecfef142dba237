"""The outcomes that the service assigns when no sandbox did: expired, worker lost."""

from typing import Final

from jobs.outcome import ErrorType, JobError, Outcome

#: The most attempts at a job when the sandbox or the worker fails, not the script.
ATTEMPTS: Final = 3

#: The job waited in the queue for too long.
EXPIRED: Final = Outcome(
    error=JobError(ErrorType.EXPIRED, "the job was not run within the time that jobs may wait")
)

#: The worker was lost at every attempt.
LOST: Final = Outcome(
    error=JobError(
        ErrorType.SANDBOX_FAILURE,
        f"the worker was lost {ATTEMPTS} times while it ran this job; it is not tried again",
    )
)


def sandbox_failure(message: str) -> Outcome:
    """Return the outcome of a job that failed because of a fault of the service."""
    return Outcome(error=JobError(ErrorType.SANDBOX_FAILURE, message))
