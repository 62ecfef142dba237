"""The job store: the methods that change, read and wait for jobs."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, Self

from redis.exceptions import NoScriptError

from config.notification import notification as celery_notification
from config.redis import connect
from config.settings import Settings
from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.claims import Claimed, Finished, Reconciled, WaitResult, claimed_from
from store.config import StoreConfig
from store.connections import Connections
from store.errors import (
    AlreadyFinal,
    Busy,
    IdempotencyConflict,
    InvalidCursor,
    QueueFull,
    RateLimited,
    StorageFull,
)
from store.large_reads import LargeReads
from store.record import Page, Record
from store.scripts import Script
from store.serialisation import decode_worker, encode_job, encode_limits, encode_outcome, encode_worker
from store.statistics import Statistics
from store.submission import BATCH_MAX, Submission, Submitted, idempotency
from store.wake_ups import BLOCK, Waiter, WakeUpListener
from store.worker import REGISTRATION_TTL, Worker

#: The shortest and longest time, in seconds, after which a waiting request reads the record itself, because a
#: wake-up can be lost. The time is random, so that many requests do not read at the same moment.
_READ_AFTER: Final = (1.0, 2.0)

#: Seconds after which a client should try again when the queue is full.
_RETRY_WHEN_FULL: Final = 5.0

#: Seconds after which Redis deletes an interrupt that no process has read.
_INTERRUPT_TTL: Final = 60

#: The largest outcome, in bytes, that is read without waiting for a turn.
_SMALL_OUTCOME: Final = 64 * 1024
_ANY_OUTCOME: Final = 2**40

#: The most jobs that one page of a listing by status looks at. They take Redis 1.6 ms (measured), about as
#: long as a page of 100 jobs. Others wait meanwhile.
_EXAMINED_MAX: Final = 500

#: The form of a cursor: a submission number, or an index in a list of ids.
_CURSOR: Final = re.compile("[1-9][0-9]{0,15}")


class JobStore:
    """The jobs, queues and workers in one Redis.

    Every method raises redis.RedisError if Redis does not answer. An `owner` is the name of an API key. It is
    '' if the service has no keys; the bounds of one owner do not apply to ''.
    """

    def __init__(
        self, url: str, config: StoreConfig = StoreConfig(), *, notification: str = "", block: float = BLOCK
    ) -> None:
        """Make the Redis clients, which connect at their first command.

        Args:
            url: The address of the Redis-protocol server.
            config: The bounds of the store.
            notification: The Celery message that notifies a worker (config.notification), '' for none.
            block: The longest that `wait_and_claim` will block, in seconds.
        """
        self.config = config
        self._redis = redis = connect(url)
        self._blocking = connect(url, block=max(block, BLOCK))
        self._listener = WakeUpListener(redis, self._blocking)

        self._connections = Connections(redis)
        self._large_reads = LargeReads()

        def script(name: str, *, when_full: bool = True, decode: bool = True) -> Script:
            return Script(
                self._connections, name, notification=notification, when_full=when_full, decode=decode
            )

        self._submit = script("submit", when_full=False)
        self._check_admission = script("check_admission")
        self._claim = script("claim")
        self._finish, self._finish_when_full = script("finish", when_full=False), script("finish")
        self._renew = script("renew")
        self._release = script("release")
        self._cancel = script("cancel", decode=False)
        self._reconcile = script("reconcile")
        self._notify = script("notify")
        self._get = script("get", decode=False)
        self._list = script("list", decode=False)
        self._statistics = script("statistics")
        self._register_worker = script("register_worker")
        self._workers = script("workers")
        self._admission: Mapping[str, Any] = {
            "queue_max": config.queue_max,
            "key_queued_max": config.key_queued_max,
            "key_rate": config.key_rate,
            "key_bytes_max": config.key_bytes_max,
        }
        self._maximums: Mapping[str, Any] = {
            "running_max": config.key_running_max,
            "key_bytes_max": config.key_bytes_max,
        }
        self._claiming: Mapping[str, Any] = {
            **self._maximums,
            "lease_ms": round(config.lease * 1000),
            "result_ttl": config.result_ttl,
        }

    @classmethod
    def from_settings(cls, settings: Settings, *, block: float = BLOCK) -> Self:
        """Make the store of the operator's settings."""
        return cls(
            settings.redis_url,
            StoreConfig.from_settings(settings),
            notification=celery_notification(settings),
            block=block,
        )

    def close(self) -> None:
        """Close the connections."""
        self._listener.close()
        self._connections.close()
        self._redis.close()
        self._blocking.close()

    # Clients

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
        known, digest = idempotency(owner, idempotency_key, submissions)
        payloads = [
            text for one in submissions for text in (encode_job(one.job), encode_limits(one.job.limits))
        ]
        what, more, *ids = self._submit(
            payloads,
            owner=owner,
            jobs=[[one.id, one.queue_class.name, one.job.mode] for one in submissions],
            reply=reply,
            idempotency_key=known,
            digest=digest,
            queue_ttl_ms=self.config.queue_ttl * 1000,
            **self._admission,
        )
        if what == "conflict":
            raise IdempotencyConflict(ids[0])
        if what not in ("created", "existing"):
            _refuse(what, more)
        return [Submitted(job_id, more) for job_id in ids]

    @contextmanager
    def submit_awaited(
        self, submission: Submission, *, owner: str = "", idempotency_key: str = ""
    ) -> Iterator[Callable[..., Record | None]]:
        """Queue one job; see `submit`.

        Yields:
            A function that waits for the job. It takes `seconds` and `abandoned` as `wait` does. It does not
            refer to the submission, so a caller that does not either holds no script while it waits.
        """
        with self._listener.waiter(submission.id) as waiter:
            [submitted] = self.submit(
                [submission], owner=owner, idempotency_key=idempotency_key, reply=self._listener.reply
            )
            del submission

            def wait(seconds: float, abandoned: Callable[[], bool] = lambda: False) -> Record | None:
                if not submitted.created:
                    return self.wait(submitted.id, owner=owner, seconds=seconds, abandoned=abandoned)
                until = time.monotonic() + seconds
                return self._wait_for_result(waiter, submitted.id, owner, until, abandoned)

            yield wait

    def wait(
        self,
        job_id: str,
        *,
        owner: str = "",
        seconds: float,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> Record | None:
        """Return the record of a job once it is final or the wait is over, None if the owner has no such job.

        Args:
            job_id: The job.
            owner: The owner of the job.
            seconds: The longest wait.
            abandoned: Returns whether the client has left, which ends the wait. Called every 1 to 2 seconds.
        """
        until = time.monotonic() + seconds
        with self._listener.waiter(job_id) as waiter:
            record = self.get(job_id, owner=owner, reply=self._listener.reply)
            if record is None or record.status.final:
                return record
            return self._wait_for_result(waiter, job_id, owner, until, abandoned)

    def get(self, job_id: str, *, owner: str = "", reply: str = "") -> Record | None:
        """Return the record of a job, None if the owner has no such job.

        Args:
            job_id: The job.
            owner: The owner of the job.
            reply: The reply channel that gets a wake-up when an unfinished job becomes final; '' for none.

        Raises:
            Busy: The outcome is large, and too many reads of large outcomes wait.
        """
        fields = self._get(id=job_id, owner=owner, reply=reply, outcome_max=_SMALL_OUTCOME)
        if fields and isinstance(fields[-1], int):
            with self._large_reads.turn(owner):
                fields = self._get(id=job_id, owner=owner, reply="", outcome_max=_ANY_OUTCOME)
                return _record(job_id, fields)
        return _record(job_id, fields)

    def get_without_outcomes(self, job_ids: Iterable[str], *, owner: str = "") -> list[Record]:
        """Return the records, without outcomes, of the owner's jobs with these ids, in their order."""
        ids = list(dict.fromkeys(job_ids))
        if not ids:
            return []
        with self._redis.pipeline(transaction=False) as pipeline:
            for job_id in ids:
                self._get.queue(pipeline, id=job_id, owner=owner, reply="", outcome_max=0)
            answers = pipeline.execute(raise_on_error=False)
        records = []
        for job_id, answer in zip(ids, answers, strict=True):
            # After a restart Redis does not have the script. `__call__` sends it again.
            missing = isinstance(answer, NoScriptError)
            fields = (
                self._get(id=job_id, owner=owner, reply="", outcome_max=0) if missing else _checked(answer)
            )
            if fields:
                records.append(Record.from_fields(job_id, [*fields[:-1], None]))
        return records

    def list(
        self,
        *,
        owner: str = "",
        limit: int = 50,
        cursor: str = "",
        ids: Sequence[str] | None = None,
        statuses: Sequence[Status] | None = None,
    ) -> Page:
        """Return up to `limit` records of an owner, fewer where outcomes are large or a status is rare.

        Args:
            owner: The owner of the jobs.
            limit: Maximum number of records.
            cursor: The cursor of the previous page, '' for the first page.
            ids: Up to BATCH_MAX jobs to list, in this order; None for all of the owner, the newest first.
            statuses: List only jobs with one of these; None for all.

        Raises:
            InvalidCursor: The cursor is not from a listing.
            Busy: Too many reads of pages and large outcomes wait.
        """
        if cursor and not _CURSOR.fullmatch(cursor):
            raise InvalidCursor("this cursor is not from a listing")
        some = {"ids": ids, "statuses": statuses}
        with self._large_reads.turn(owner):
            position, *rows = self._list(
                owner=owner,
                after=cursor,
                limit=limit,
                examined_max=limit if statuses is None else _EXAMINED_MAX,
                page_bytes=self.config.page_bytes,
                **{name: values for name, values in some.items() if values is not None},
            )
            records = [Record.from_fields(row[0].decode(), row[1]) for row in rows if row[1:]]
        after = position.decode()
        asked = () if ids is None else ids[int(cursor or 0) : int(after) if after else None]
        known = {row[0].decode() for row in rows}
        return Page(records, [job_id for job_id in asked if job_id not in known], after)

    def cancel(self, job_id: str, *, owner: str = "") -> Record | None:
        """Cancel a job and return its record, None if the owner has no such job.

        A cancelled job that was queued never runs. The worker of a running job kills the job at the next
        renewal of the lease.

        Raises:
            AlreadyFinal: The job has ended.
        """
        answer = self._cancel(id=job_id, owner=owner, result_ttl=self.config.result_ttl)
        if answer != b"final":
            return _record(job_id, answer)
        record = self.get(job_id, owner=owner)
        if record is not None:
            raise AlreadyFinal(record)
        return None

    # Workers

    def claim(self) -> Claimed | None:
        """Claim the job whose turn it is, None if no job can run."""
        return claimed_from(self._claim(**self._claiming))

    def wait_and_claim(self, worker_id: str, seconds: float) -> WaitResult:
        """Wait for a notification in Celery's list, then claim a job.

        Celery's main process takes a notification and passes it to a process of its pool, which claims a job.
        A pool process that has just run a job reads the same list directly. It pipelines its claim behind the
        wait, so Redis runs the claim as soon as the wait ends.

        Args:
            worker_id: The worker of this process; `interrupt_waits` ends the wait.
            seconds: The longest wait. After it the process claims even without a notification.
        """
        with self._blocking.pipeline(transaction=False) as pipeline:
            # Redis checks the keys in this order, so an interrupt goes before a notification.
            pipeline.brpop([keys.interrupts(worker_id), keys.NOTIFICATIONS], timeout=seconds)
            self._claim.queue(pipeline, **self._claiming)
            popped, answer = pipeline.execute(raise_on_error=False)
        # After a restart Redis does not have the script. `claim` sends it again.
        missing = isinstance(answer, NoScriptError)
        claimed = self.claim() if missing else claimed_from(_checked(answer))
        if claimed:
            # Even if the wait failed, this process must run the claimed job.
            return WaitResult(notified=True, claimed=claimed)
        taken = _checked(popped)
        return WaitResult(notified=taken is not None and taken[0] == keys.NOTIFICATIONS, claimed=None)

    def interrupt_waits(self, worker_id: str, processes: int) -> None:
        """End `wait_and_claim` in each of the `processes` pool processes of a worker."""
        with self._redis.pipeline() as pipeline:
            pipeline.lpush(keys.interrupts(worker_id), *["stop"] * processes)
            pipeline.expire(keys.interrupts(worker_id), _INTERRUPT_TTL)
            pipeline.execute()

    def renew(self, job_id: str, token: int) -> bool:
        """Prolong the lease of a job; return False if the job must stop."""
        return bool(self._renew(id=job_id, token=token, lease_ms=self._claiming["lease_ms"]))

    def finish(
        self,
        job_id: str,
        token: int,
        outcome: Outcome,
        *,
        claim_next: bool = False,
        when_full: bool = False,
    ) -> Finished:
        """Write the outcome of a job, if `token` belongs to the latest claim.

        A worker may repeat the call after an outage.

        Args:
            job_id: The job.
            token: The token of the claim.
            outcome: The outcome of the job.
            claim_next: Whether to claim the next job. If the answer is lost, that claim lapses.
            when_full: Whether to write while Redis has reached `maxmemory`; for small outcomes.
        """
        error = outcome.error
        script = self._finish_when_full if when_full else self._finish
        counts, *claimed = script(
            [encode_outcome(outcome)],
            id=job_id,
            token=token,
            status=Status.FAILED if error else Status.SUCCEEDED,
            error_type=error.type if error else "",
            sandbox=outcome.sandbox or "",
            claim_next=claim_next,
            **self._claiming,
        )
        return Finished(bool(counts), claimed_from(claimed))

    def release(self, job_id: str, token: int) -> bool:
        """Put a running job back into its queue; return False if the claim is no longer valid."""
        return bool(self._release(id=job_id, token=token))

    def notify(self) -> None:
        """Notify a worker if a job can run and no notification is pending."""
        self._notify()

    def reconcile(self, *, judge_leases: bool = True) -> Reconciled | None:
        """Requeue the jobs of lost workers, and end expired jobs.

        Args:
            judge_leases: Whether to requeue jobs with a lapsed lease. False after an outage, in which no
                worker could renew.

        Returns:
            The repairs, or None if another worker has just reconciled.
        """
        answer = self._reconcile(
            # 90 % of the period, so that a timer that fires slightly early does not skip a reconciliation.
            lock_ms=round(self.config.reconcile_every * 900),
            judge_leases=judge_leases,
            attempts=self.config.attempts,
            result_ttl=self.config.result_ttl,
            **self._maximums,
        )
        return Reconciled(*answer) if answer else None

    def register_worker(self, worker: Worker) -> None:
        """Register a worker that consumes. The registration lapses unless the worker repeats it."""
        self._register_worker(worker=encode_worker(worker), seconds=REGISTRATION_TTL)

    def unregister_worker(self, worker: Worker) -> None:
        """Remove the registration of a stopping worker."""
        self._redis.zrem(keys.WORKERS, encode_worker(worker))

    # Operators

    def workers(self) -> Sequence[Worker]:
        """Return the registered workers."""
        return [decode_worker(text) for text in self._workers()]

    def statistics(self) -> Statistics:
        """Return the state of the queue in numbers."""
        return Statistics.from_answer(self._statistics())

    def _wait_for_result(
        self, waiter: Waiter, job_id: str, owner: str, until: float, abandoned: Callable[[], bool]
    ) -> Record | None:
        while True:
            left = until - time.monotonic()
            record = waiter.wait(min(random.uniform(*_READ_AFTER), left))
            try:
                record = record or self.get(job_id, owner=owner)
            except Busy:
                # The job may have run. A client that is refused now would run it again.
                if left <= 0 or abandoned():
                    raise
                continue
            if record is None or record.status.final or left <= 0 or abandoned():
                return record


def _record(job_id: str, fields: Sequence[bytes | None] | None) -> Record | None:
    return Record.from_fields(job_id, fields) if fields else None


def _refuse(what: str, more: str) -> NoReturn:
    if what == "rate":
        raise RateLimited(float(more))
    if what == "bytes":
        seconds = float(more)
        raise StorageFull(max(_RETRY_WHEN_FULL, seconds), ended=seconds > 0)
    raise QueueFull(_RETRY_WHEN_FULL, "key" if more == "key" else "service")


def _checked(answer: Any) -> Any:
    """Return an answer of a pipeline, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer
