"""The values that the store returns to a worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobs.job import Job
from store.serialisation import decode_job


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job to run.

    Attributes:
        token: Proves the claim when the worker renews, finishes or releases the job.
        attempt: How often the job was claimed, this time included.
        created_ms: When the job was submitted, by the clock of Redis.
        started_ms: When the job was claimed, by the clock of Redis.
        files: How many files the job has. `JobStore.files` returns them; `job` has none.
    """

    id: str
    job: Job
    token: int
    attempt: int
    created_ms: int
    started_ms: int
    files: int = 0


@dataclass(frozen=True, slots=True)
class WaitResult:
    """How `wait_and_claim` ended.

    Attributes:
        notified: Whether a notification arrived. True whenever a job was claimed.
        claimed: The claimed job, None if no job could run.
    """

    notified: bool
    claimed: Claimed | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer to an outcome.

    Attributes:
        counts: Whether the store accepted the outcome: the token belonged to the latest claim.
        claimed: The next job, if the worker asked for one and a job can run.
    """

    counts: bool
    claimed: Claimed | None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The numbers of jobs that a reconciliation repaired.

    Attributes:
        requeued: Jobs put back into the queue because their worker was lost.
        lost: Jobs that ended because their worker was lost at every attempt.
        expired: Jobs that ended because they waited too long.
    """

    requeued: int
    lost: int
    expired: int


def claimed_from(answer: Sequence[Any] | None) -> Claimed | None:
    """Return the claim in a script's answer, None if the script claimed no job."""
    if not answer:
        return None
    job_id, text, *numbers = answer
    job, files = decode_job(text)
    token, attempt, created_ms, started_ms = map(int, numbers)
    return Claimed(job_id, job, token, attempt, created_ms, started_ms, files)
