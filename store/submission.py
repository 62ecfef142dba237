"""Submissions to the store, and their idempotency keys."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from jobs.job import Job
from store import keys
from store.queue_class import QueueClass

#: Maximum number of jobs that one call submits.
BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Submission:
    """A job to queue, with its id and its queue class."""

    id: str
    job: Job
    queue_class: QueueClass


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a submission.

    Attributes:
        id: The id of the job.
        created_ms: When the job was created. None if an earlier submission with the same idempotency key
            created it.
    """

    id: str
    created_ms: int | None

    @property
    def created(self) -> bool:
        """Whether this submission created the job."""
        return self.created_ms is not None


def idempotency(
    owner: str, idempotency_key: str, submissions: Sequence[Submission], stored: Sequence[str]
) -> tuple[str, str]:
    """Return the Redis key of an idempotency key and the digest of its submissions; ('', '') without one.

    Args:
        owner: The owner.
        idempotency_key: The key that the client chose.
        submissions: The submissions.
        stored: The stored form of each job. It has the SHA-256 of each file.
    """
    if not idempotency_key:
        return "", ""
    content = [[job, one.queue_class.name] for job, one in zip(stored, submissions, strict=True)]
    return keys.idempotency(owner, _digest(idempotency_key)), _digest(content)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
