"""Send jobs to the workers, wait for them, look them up."""

import math
import threading
import time
from typing import Final
from uuid import uuid4

from celery import Celery
from kombu.exceptions import OperationalError

from api.errors import Unavailable, UnknownJob
from api.listener import Listener
from config.celery import celery_settings
from config.names import DISTRIBUTION, QUEUE, TASK
from config.redis import connect
from config.settings import Settings
from records.record import Record, Status
from records.submit import IdempotencyConflict, Submit
from records.watch import Watch
from records.workers import Worker, Workers
from sandbox.job import Job
from sandbox.outcome import SandboxKind

#: Seconds after which whoever waits reads the record again, should its wake-up have been lost.
_REREAD: Final = 2.0

#: Seconds for which the kinds of sandbox the workers have are remembered.
_KINDS_LAST: Final = 2.0

#: Seconds on top of its timeout that a job is waited for: it may queue, and its end must be noticed.
_GRACE: Final = 10.0


class Dispatcher:
    """The way to the workers and back. Its methods raise redis.RedisError or Unavailable."""

    def __init__(self, settings: Settings) -> None:
        """Make the clients; nothing is sent yet."""
        redis = connect(settings.redis_url)
        self._submit = Submit(redis, settings.queue_ttl)
        self._watch = Watch(redis)
        self._workers = Workers(redis)
        self._celery = Celery(DISTRIBUTION, set_as_current=False)
        self._celery.conf.update(celery_settings(settings))
        self._listener = Listener(settings.redis_url)
        self._execute_wait = settings.execute_wait
        self._kinds: tuple[float, set[str]] = (-math.inf, set())

    def execute(self, job: Job) -> Record:
        """Queue `job` and return its record once it is final, or the wait is over."""
        wait = self._execute_wait or job.limits.timeout + _GRACE
        job_id = uuid4().hex
        with self._listener.expect(job_id) as woken:
            self._submit(job_id, job, reply=self._listener.reply)
            self._publish(job_id)
            return self._settle(job_id, woken, wait)

    def enqueue(self, job: Job, idempotency_key: str = "") -> Record:
        """Queue `job` and return its record, or the one its idempotency key made before.

        Raises IdempotencyConflict.
        """
        submitted = self._submit(uuid4().hex, job, idempotency_key=idempotency_key)
        record = self._watch(submitted.id)
        if record is None:
            raise IdempotencyConflict(submitted.id)
        # A job made before may have been left without a message; a second one does no harm.
        if record.status is Status.QUEUED:
            self._publish(submitted.id)
        return record

    def look_up(self, job_id: str, wait: float = 0.0) -> Record:
        """Return the job's record, where wait (seconds) is given once it is final or the wait is over.

        Raises UnknownJob.
        """
        if not wait:
            return self._read(job_id)
        with self._listener.expect(job_id) as woken:
            record = self._read(job_id, self._listener.reply)
            return record if record.status.final else self._settle(job_id, woken, wait)

    def workers(self) -> list[Worker]:
        """Return the workers that are consuming; raise Unavailable where there is none."""
        workers = self._workers.present()
        if not workers:
            raise Unavailable("no worker is consuming")
        return workers

    def restricted(self) -> bool:
        """Say whether every worker there is runs scripts in the restricted executor, as seen of late."""
        seen_at, kinds = self._kinds
        if time.monotonic() - seen_at >= _KINDS_LAST:
            kinds = {worker.sandbox for worker in self._workers.present()}
            self._kinds = time.monotonic(), kinds
        return kinds == {SandboxKind.RESTRICTED}

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _settle(self, job_id: str, woken: threading.Event, seconds: float) -> Record:
        deadline = time.monotonic() + seconds
        while True:
            woken.wait(max(0.0, min(_REREAD, deadline - time.monotonic())))
            # Before the read: a wake-up after it must not be forgotten.
            woken.clear()
            record = self._read(job_id)
            if record.status.final or time.monotonic() >= deadline:
                return record

    def _read(self, job_id: str, reply: str = "") -> Record:
        record = self._watch(job_id, reply)
        if record is None:
            raise UnknownJob("there is no such job, or no longer")
        return record

    def _publish(self, job_id: str) -> None:
        try:
            self._celery.send_task(
                TASK, args=[job_id], queue=QUEUE, task_id=job_id, ignore_result=True, retry=False
            )
        # kombu raises RuntimeError where its own reconnecting comes to an end.
        except (OperationalError, RuntimeError) as error:
            raise Unavailable("the queue does not answer") from error
