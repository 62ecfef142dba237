"""One pool process of a worker: claims jobs, runs them, writes their outcomes.

claim -> run in the sandbox -> finish, which also claims the next job -> … -> wait_and_claim
"""

import logging
import time
from typing import Final

from redis import RedisError
from redis.exceptions import OutOfMemoryError

from config.logging import job_context
from jobs.outcome import Outcome
from jobs.system_outcomes import sandbox_failure
from sandbox.errors import SandboxFailure
from sandbox.protocol import Sandbox
from store.claims import Claimed, Finished
from store.job_store import JobStore
from worker.lease import AbortReason, LeaseKeeper, RunningJob
from worker.retry import retry
from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)

#: Seconds for which a claim is retried. If its notification is lost, the reconciler pushes another.
_CLAIM_WITHIN: Final = 2.0

#: Seconds for which the hand-back of a job is retried. After that the lease lapses.
_RELEASE_WITHIN: Final = 2.0

#: Seconds for which the write of an outcome is retried. No other worker can claim the job while Redis is
#: down. Once Redis is back, this worker renews the lease in time.
_FINISH_WITHIN: Final = 60.0

#: Seconds for which the write of an outcome to a full Redis is retried.
_FULL_WITHIN: Final = 5.0

#: Seconds that an idle process waits for a job before it returns to Celery.
WAIT: Final = 10.0


class Executor:
    """Runs the jobs of one pool process, one after the other."""

    def __init__(self, store: JobStore, *, worker_id: str, sandbox: Sandbox, shutdown: ShutdownState) -> None:
        """Start to renew leases, and prepare the sandbox for the first job."""
        self._store, self._worker_id = store, worker_id
        self._sandbox, self._shutdown = sandbox, shutdown
        self._lease_keeper = LeaseKeeper(
            store.renew, sandbox.cancel, shutdown, every=store.config.renew_every
        )
        sandbox.prepare()

    def execute(self) -> None:
        """Run the job whose turn it is, then the next, until no job has come for WAIT seconds."""
        try:
            if self._shutdown.accepts_jobs:
                self._work()
            else:
                # The shutdown has begun, so the notification is for another worker.
                self._store.notify()
        except RedisError as error:
            _log.warning("no job was claimed: %s", error)

    def close(self) -> None:
        """Stop renewing and close the sandbox."""
        self._lease_keeper.close()
        self._sandbox.close()

    def _work(self) -> None:
        claimed = retry(self._store.claim, within=_CLAIM_WITHIN)
        while True:
            while claimed:
                claimed = self._serve(claimed)
                # At the same time the API sends the answer to the client.
                self._sandbox.prepare()
            if not self._shutdown.accepts_jobs:
                return
            waited = self._store.wait_and_claim(self._worker_id, WAIT)
            if not waited.notified:
                return
            claimed = waited.claimed

    def _serve(self, claimed: Claimed) -> Claimed | None:
        """Run a job and write its outcome. Return the next job if the same command has claimed one."""
        with job_context(claimed.id), self._lease_keeper.keep(claimed) as running:
            if not self._shutdown.accepts_jobs:
                # The job was claimed just as the shutdown began.
                running.abort_reason = AbortReason.HANDED_BACK
            outcome = None if running.abort_reason else self._run(running)
            next_job = self._finish(running, outcome) if outcome else None
            if running.abort_reason is AbortReason.HANDED_BACK:
                self._release(claimed)
            return next_job

    def _run(self, running: RunningJob) -> Outcome | None:
        """Return the outcome of a job, None if it was killed because it must stop."""
        claimed, attempts = running.claimed, self._store.config.attempts
        for attempt in range(claimed.attempt, attempts + 1):
            try:
                return self._sandbox.run(claimed.job)
            except SandboxFailure as failure:
                if running.abort_reason:
                    _log.info("job %s: killed, %s", claimed.id, running.abort_reason)
                    return None
                _log.error("job %s: attempt %d of %d: %s", claimed.id, attempt, attempts, failure)
            except Exception:  # noqa: BLE001 -- a fault of the service must not leave a job running for ever
                _log.exception("job %s: attempt %d of %d", claimed.id, attempt, attempts)
        # The log has the reasons. The client gets no details of the service.
        return sandbox_failure(f"the sandbox failed {attempts} times; try again later")

    def _finish(self, running: RunningJob, outcome: Outcome) -> Claimed | None:
        claimed = running.claimed
        try:
            finished = self._write(running, outcome)
        except RedisError as error:
            _log.error("job %s: its outcome could not be written, it runs again: %s", claimed.id, error)
            return None
        if finished.counts:
            status = outcome.error.type if outcome.error else "succeeded"
            _log.info(
                "job ended",
                extra={"status": status, "mode": claimed.job.mode, "attempt": claimed.attempt},
            )
        else:
            _log.warning("job %s: its outcome is not wanted any more", claimed.id)
        return finished.claimed

    def _write(self, running: RunningJob, outcome: Outcome) -> Finished:
        claimed, started = running.claimed, time.monotonic()

        def is_final(error: RedisError) -> bool:
            full = isinstance(error, OutOfMemoryError) and time.monotonic() - started > _FULL_WITHIN
            return full or running.abort_reason is not None

        try:
            return retry(
                lambda: self._store.finish(
                    claimed.id,
                    claimed.token,
                    outcome,
                    # A job that is claimed now would wait while this process cleans up.
                    claim_next=self._shutdown.accepts_jobs and not self._sandbox.is_cleaning_up,
                ),
                within=_FINISH_WITHIN,
                is_final=is_final,
            )
        except OutOfMemoryError:
            if running.abort_reason:
                raise
            _log.error("job %s: Redis is full, its outcome is dropped", claimed.id)
            small = sandbox_failure("the service had no room for the outcome of this job")
            return self._store.finish(claimed.id, claimed.token, small, when_full=True)

    def _release(self, claimed: Claimed) -> None:
        try:
            retry(lambda: self._store.release(claimed.id, claimed.token), within=_RELEASE_WITHIN)
        except RedisError as error:
            _log.warning("job %s: not handed back, its lease will lapse: %s", claimed.id, error)
