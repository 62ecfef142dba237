"""Results: waits until a job is final."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from store.errors import Busy
from store.record import Record
from store.records import Records
from store.submission import Submission
from store.submitter import Submitter
from store.wake_ups import Waiter, WakeUpListener

#: The shortest and longest time, in seconds, after which a waiting request reads the record itself, because a
#: wake-up can be lost. The time is random, so that many requests do not read at the same moment.
_READ_AFTER: Final = (1.0, 2.0)


class Results:
    """The results that requests wait for."""

    def __init__(self, listener: WakeUpListener, submitter: Submitter, records: Records) -> None:
        """Wait with this listener.

        Args:
            listener: The wake-ups of this process.
            submitter: Queues the jobs of `submit_awaited`.
            records: Reads the jobs.
        """
        self._listener, self._submitter, self._records = listener, submitter, records

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
            [submitted] = self._submitter.submit(
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
            record = self._records.get(job_id, owner=owner, reply=self._listener.reply)
            if record is None or record.status.final:
                return record
            return self._wait_for_result(waiter, job_id, owner, until, abandoned)

    def _wait_for_result(
        self, waiter: Waiter, job_id: str, owner: str, until: float, abandoned: Callable[[], bool]
    ) -> Record | None:
        while True:
            left = until - time.monotonic()
            record = waiter.wait(min(random.uniform(*_READ_AFTER), left))
            try:
                record = record or self._records.get(job_id, owner=owner)
            except Busy:
                # The job may have run. A client that is refused now would run it again.
                if left <= 0 or abandoned():
                    raise
                continue
            if record is None or record.status.final or left <= 0 or abandoned():
                return record
