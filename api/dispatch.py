"""Send jobs to the workers, wait for them, look them up."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import uuid4

from api.errors import Unavailable, UnknownJob
from api.line import Line, Lines
from config.notification import hint
from config.redis import connect
from config.settings import Settings
from jobs.job import Job
from jobs.outcome import SandboxKind
from store import keys
from store.admission import Admission
from store.cancel import Cancel
from store.errors import IdempotencyConflict, QueueFull, RateLimited
from store.listing import Listing, Page
from store.queue_class import QueueClass
from store.record import Record
from store.room import Room
from store.statistics import Standing, Statistics
from store.submit import Submission, Submit, Submitted
from store.watch import Watch
from store.workers import Worker, Workers

#: Seconds for which the kinds of sandbox the workers have are remembered.
_KINDS_LAST: Final = 2.0

#: Seconds on top of its timeout that a job is waited for: it may queue, and its end must be noticed.
_GRACE: Final = 10.0


class Dispatcher:
    """The way to the workers and back, for each owner of jobs.

    Its methods raise redis.RedisError, records.errors.RecordError, UnknownJob and Unavailable.
    gone: says whether the caller has left; then nothing is waited for any longer.
    """

    def __init__(self, settings: Settings) -> None:
        """Make the clients; nothing is sent yet."""
        redis = connect(settings.redis_url)
        self._room = Room(redis, Admission.of(settings))
        message = hint(settings)
        self._submit = Submit(redis, Admission.of(settings), hint=message)
        self._watch = Watch(redis)
        self._cancel = Cancel(redis, ttl=settings.result_ttl, hint=message)
        self._listing = Listing(redis)
        self._statistics = Statistics(redis)
        self._workers = Workers(redis)
        self._lines = Lines(settings.redis_url)
        self._execute_wait = settings.execute_wait
        # Owners, by the name of their key, so there is an end of them.
        self._turned_away: set[str] = set()
        self._kinds: tuple[float, set[str]] = (-math.inf, set())

    def need_room(self, jobs: int, owner: str, idempotency_key: str) -> None:
        """Raise RateLimited or QueueFull where so many jobs would not be accepted now.

        Asked before the scripts are checked, which may cost a process each, for an owner who was turned away
        the last time; others learn it when they submit. Whoever has an idempotency key may be asking for jobs
        that were accepted before.
        """
        if owner in self._turned_away and not idempotency_key:
            self._room(jobs, owner=owner)

    def execute(
        self, job: Job, lane: QueueClass, owner: str, idempotency_key: str, gone: Callable[[], bool]
    ) -> Record:
        """Queue `job` and return its record once it is final, or the wait is over."""
        wait = self._execute_wait or job.limits.timeout + _GRACE
        submission = Submission(uuid4().hex, job, lane)
        with self._lines.line(keys.reply(submission.id), wait) as line:
            [submitted] = self._let_in([submission], owner, idempotency_key, line)
            if submitted.created:
                return self._settle(submitted.id, owner, line, gone)
        return self.look_up(submitted.id, owner, wait, gone)

    def enqueue(
        self, jobs: Sequence[Job], lanes: Sequence[QueueClass], owner: str, idempotency_key: str
    ) -> list[Record]:
        """Queue all of `jobs` and return their records, or those the idempotency key made before."""
        submissions = [Submission(uuid4().hex, job, lane) for job, lane in zip(jobs, lanes, strict=True)]
        submitted = self._let_in(submissions, owner, idempotency_key)
        records = self._watch.many([one.id for one in submitted], owner=owner)
        if len(records) < len(submitted):
            # Of the jobs the key made before some have expired, and some have not.
            raise IdempotencyConflict(submitted[0].id)
        return records

    def look_up(self, job_id: str, owner: str, wait: float, gone: Callable[[], bool]) -> Record:
        """Return the job's record, where wait (seconds) is given once it is final or the wait is over."""
        if not wait:
            return self._read(job_id, owner)
        with self._lines.line(keys.reply(uuid4().hex), wait) as line:
            record = self._read(job_id, owner, line.reply)
            return record if record.status.final else self._settle(job_id, owner, line, gone)

    def own(self, owner: str, limit: int, cursor: str) -> Page:
        """Return some of the owner's jobs, the newest first."""
        return self._listing(owner=owner, limit=limit, cursor=cursor)

    def some(self, job_ids: Sequence[str], owner: str) -> list[Record]:
        """Return the records of those of the jobs that the owner has, in the order asked for."""
        return self._watch.many(job_ids, owner=owner)

    def cancel(self, job_id: str, owner: str) -> Record:
        """Cancel the job and return its record."""
        return _known(self._cancel(job_id, owner=owner))

    def present(self) -> list[Worker]:
        """Return the workers that are consuming."""
        return self._workers.present()

    def workers(self) -> list[Worker]:
        """Return the workers that are consuming; raise Unavailable where there is none."""
        workers = self.present()
        if not workers:
            raise Unavailable("no worker is consuming")
        return workers

    def standing(self) -> Standing:
        """Return how the queue stands."""
        return self._statistics()

    def restricted(self) -> bool:
        """Say whether every worker there is runs scripts in the restricted executor, as seen of late."""
        seen_at, kinds = self._kinds
        if time.monotonic() - seen_at >= _KINDS_LAST:
            kinds = {worker.sandbox for worker in self._workers.present()}
            self._kinds = time.monotonic(), kinds
        return kinds == {SandboxKind.RESTRICTED}

    def close(self) -> None:
        """Close the connections on which nobody waits."""
        self._lines.close()

    def _let_in(
        self, submissions: Sequence[Submission], owner: str, idempotency_key: str, line: Line | None = None
    ) -> list[Submitted]:
        reply = line.reply if line else ""
        try:
            made = self._submit(
                submissions, owner=owner, reply=reply, idempotency_key=idempotency_key, client=line
            )
        except (RateLimited, QueueFull):
            self._turned_away.add(owner)
            raise
        self._turned_away.discard(owner)
        return made

    def _settle(self, job_id: str, owner: str, line: Line, gone: Callable[[], bool]) -> Record:
        while True:
            # Should a wake-up be lost, the record says so all the same.
            record = line.wake() or self._read(job_id, owner)
            if record.status.final or line.left <= 0 or gone():
                return record

    def _read(self, job_id: str, owner: str, reply: str = "") -> Record:
        return _known(self._watch(job_id, owner=owner, reply=reply))


def _known(record: Record | None) -> Record:
    if record is None:
        raise UnknownJob("there is no such job, or no longer")
    return record
