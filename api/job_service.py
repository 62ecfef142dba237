"""Submit jobs and wait for them, within the bounds of their owner."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from api.errors import UnknownJob
from config.settings import Settings
from jobs.job import Job
from jobs.outcome import SandboxKind
from store.errors import IdempotencyConflict, QueueFull, RateLimited
from store.job_store import JobStore
from store.queue_class import QueueClass
from store.record import Record
from store.submission import Submission

#: Seconds for which the kinds of sandbox that the workers have are remembered.
_KINDS_TTL: Final = 2.0

#: Seconds beyond its timeout for which `POST /execute` waits for a job: the job may be queued first.
_GRACE: Final = 10.0


class JobService:
    """What the routes ask of the store. Its methods raise redis.RedisError, StoreError and UnknownJob.

    `abandoned` says whether the client has left; then the wait ends.
    """

    def __init__(self, store: JobStore, settings: Settings) -> None:
        """Send nothing yet."""
        self._store = store
        self._execute_wait = settings.execute_wait
        # Names of API keys, so their number is bounded.
        self._refused_owners: set[str] = set()
        self._kinds: tuple[float, set[str]] = (-math.inf, set())

    def check_admission(self, jobs: int, owner: str, idempotency_key: str) -> None:
        """Raise RateLimited or QueueFull if so many jobs would not be accepted now.

        Asked before the scripts are checked, because a check may cost a process each. Only an owner whose
        last submission was refused is asked about; others learn it when they submit. A request with an
        idempotency key may ask for jobs that exist, so it is let through.
        """
        if owner in self._refused_owners and not idempotency_key:
            self._store.check_admission(jobs, owner=owner)

    def execute(
        self,
        job: Job,
        queue_class: QueueClass,
        owner: str,
        idempotency_key: str,
        abandoned: Callable[[], bool],
    ) -> Record:
        """Queue a job and return its record once it is final or the wait is over."""
        with self._remembering_refusals(owner):
            record = self._store.submit_and_wait(
                Submission(uuid4().hex, job, queue_class),
                owner=owner,
                idempotency_key=idempotency_key,
                seconds=self._execute_wait or job.limits.timeout + _GRACE,
                abandoned=abandoned,
            )
        return known(record)

    def enqueue(
        self, jobs: Sequence[Job], classes: Sequence[QueueClass], owner: str, idempotency_key: str
    ) -> list[Record]:
        """Queue jobs and return their records, or the records of the jobs that the idempotency key made."""
        submissions = [Submission(uuid4().hex, *one) for one in zip(jobs, classes, strict=True)]
        with self._remembering_refusals(owner):
            submitted = self._store.submit(submissions, owner=owner, idempotency_key=idempotency_key)
        records = self._store.get_many([one.id for one in submitted], owner=owner)
        if len(records) < len(submitted):
            # Some of the jobs that the key made have expired, and some have not.
            raise IdempotencyConflict(submitted[0].id)
        return records

    def look_up(self, job_id: str, owner: str, wait: float, abandoned: Callable[[], bool]) -> Record:
        """Return the record of a job, with `wait` (seconds) once it is final or the wait is over."""
        if not wait:
            return known(self._store.get(job_id, owner=owner))
        return known(self._store.wait(job_id, owner=owner, seconds=wait, abandoned=abandoned))

    def only_restricted(self) -> bool:
        """Return whether all workers run scripts in the restricted executor. Up to _KINDS_TTL seconds old."""
        read_at, kinds = self._kinds
        if time.monotonic() - read_at >= _KINDS_TTL:
            kinds = {worker.sandbox for worker in self._store.workers()}
            self._kinds = time.monotonic(), kinds
        return kinds == {SandboxKind.RESTRICTED}

    @contextmanager
    def _remembering_refusals(self, owner: str) -> Iterator[None]:
        try:
            yield
        except (RateLimited, QueueFull):
            self._refused_owners.add(owner)
            raise
        self._refused_owners.discard(owner)


def known(record: Record | None) -> Record:
    """Return the record; raise UnknownJob without one."""
    if record is None:
        raise UnknownJob("there is no such job, or no longer")
    return record
