"""Submissions: checks that the store accepts jobs, and queues them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from store.config import StoreConfig
from store.errors import IdempotencyConflict, QueueFull, RateLimited, StorageFull
from store.scripts import Scripts
from store.serialisation import encode_job, encode_limits
from store.submission import BATCH_MAX, Submission, Submitted, idempotency

#: Milliseconds for which Redis keeps the files of a job after its time in the queue, even if it never ends.
_FILES_SLACK_MS: Final = 24 * 3600 * 1000

#: Seconds after which a client should try again when the queue is full.
_RETRY_WHEN_FULL: Final = 5.0


class Submitter:
    """Queues the jobs of clients."""

    def __init__(self, scripts: Scripts, config: StoreConfig) -> None:
        """Make the scripts; nothing is sent yet."""
        self._queue_ttl_ms = config.queue_ttl * 1000
        self._check_admission = scripts.make("check_admission")
        self._submit = scripts.make("submit", when_full=False)
        self._admission: Mapping[str, Any] = {
            "queue_max": config.queue_max,
            "key_queued_max": config.key_queued_max,
            "key_rate": config.key_rate,
            "key_bytes_max": config.key_bytes_max,
        }

    def check_admission(self, jobs: int, *, owner: str = "") -> None:
        """Check that the store would accept so many jobs of an owner now.

        Args:
            jobs: The number of jobs.
            owner: The owner of the jobs.

        Raises:
            RateLimited: The owner submits too fast.
            QueueFull: Too many jobs are queued.
            StorageFull: The owner's jobs take too many bytes.
        """
        refusal = self._check_admission(owner=owner, jobs=jobs, **self._admission)
        if refusal is not None:
            _refuse(*refusal)

    def submit(
        self,
        submissions: Sequence[Submission],
        *,
        owner: str = "",
        idempotency_key: str = "",
        reply: str = "",
    ) -> list[Submitted]:
        """Create and queue 1 to BATCH_MAX jobs, in order, all or none.

        Args:
            submissions: The jobs.
            owner: The owner of the jobs.
            idempotency_key: Until its last job expires, the same key and submissions of an owner return the
                same jobs.
            reply: The reply channel that gets a wake-up when a job is final, '' for none.

        Raises:
            IdempotencyConflict: The key was used for other submissions.
            RateLimited: The owner submits too fast.
            QueueFull: Too many jobs are queued.
            StorageFull: The owner's jobs take too many bytes.
        """
        assert 1 <= len(submissions) <= BATCH_MAX
        stored = [encode_job(one.job) for one in submissions]
        known, digest = idempotency(owner, idempotency_key, submissions, stored)
        payloads: list[str | bytes] = []
        for text, one in zip(stored, submissions, strict=True):
            payloads += (text, encode_limits(one.job.limits))
            payloads += (file.content for file in one.job.files)
        what, more, *ids = self._submit(
            payloads,
            owner=owner,
            jobs=[_arguments(one) for one in submissions],
            reply=reply,
            idempotency_key=known,
            digest=digest,
            queue_ttl_ms=self._queue_ttl_ms,
            files_ttl_ms=self._queue_ttl_ms + _FILES_SLACK_MS,
            **self._admission,
        )
        if what == "conflict":
            raise IdempotencyConflict(ids[0])
        if what not in ("created", "existing"):
            _refuse(what, more)
        return [Submitted(job_id, more) for job_id in ids]


def _arguments(submission: Submission) -> list[Any]:
    job = submission.job
    has_extras = bool(job.files) or job.stream
    paths = [file.path for file in job.files]
    return [submission.id, submission.queue_class.name, job.mode, job.environment, has_extras, paths]


def _refuse(what: str, more: str) -> NoReturn:
    if what == "rate":
        raise RateLimited(float(more))
    if what == "bytes":
        seconds = float(more)
        raise StorageFull(max(_RETRY_WHEN_FULL, seconds), ended=seconds > 0)
    raise QueueFull(_RETRY_WHEN_FULL, "key" if more == "key" else "service")
