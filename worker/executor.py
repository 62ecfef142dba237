"""One pool process of a worker: claims jobs, runs them, writes their outcomes.

claim -> run in the sandbox -> finish, which also claims the next job -> … -> wait_and_claim
"""

import logging
import time
from dataclasses import replace
from typing import Final

from redis import RedisError
from redis.exceptions import OutOfMemoryError

from config.logging import job_context
from jobs.job import Job
from jobs.outcome import Outcome
from jobs.system_outcomes import sandbox_failure
from sandbox.errors import SandboxFailure
from sandbox.protocol import Sandbox
from store.claims import Claimed, Finished
from store.job_store import JobStore
from worker.lease import AbortReason, LeaseKeeper, RunningJob
from worker.live_output import LiveOutput
from worker.retry import retry
from worker.shutdown_state import ShutdownState
from worker.small_outcome import small_outcome, without_contents

_log = logging.getLogger(__name__)

#: Seconds for which a claim is retried. If its notification is lost, the reconciler pushes another.
_CLAIM_WITHIN: Final = 2.0

#: Seconds for which the read of a job's files is retried. After that the lease lapses.
_FILES_WITHIN: Final = 2.0

#: Seconds for which the hand-back of a job is retried. After that the lease lapses.
_RELEASE_WITHIN: Final = 2.0

#: Seconds for which the write of an outcome is retried. No other worker can claim the job while Redis is
#: down. Once Redis is back, this worker renews the lease in time.
_FINISH_WITHIN: Final = 60.0

#: Seconds for which the write of an outcome to a full Redis is retried.
_FULL_WITHIN: Final = 5.0

#: Seconds for which it is then retried without its artifacts. Redis needs about one to free what it received.
_DROPPED_WITHIN: Final = 3.0

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
        self._live_output = LiveOutput(store)
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
        self._live_output.close()
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
        job = self._with_files(claimed) if claimed.files else claimed.job
        if not isinstance(job, Job):
            return job
        for attempt in range(claimed.attempt, attempts + 1):
            try:
                return self._run_once(running, job)
            except SandboxFailure as failure:
                if running.abort_reason:
                    _log.info("job %s: killed, %s", claimed.id, running.abort_reason)
                    return None
                _log.error("job %s: attempt %d of %d: %s", claimed.id, attempt, attempts, failure)
            except Exception:  # noqa: BLE001 -- a fault of the service must not leave a job running for ever
                _log.exception("job %s: attempt %d of %d", claimed.id, attempt, attempts)
        # The log has the reasons. The client gets no details of the service.
        return sandbox_failure(f"the sandbox failed {attempts} times; try again later")

    def _with_files(self, claimed: Claimed) -> Job | Outcome | None:
        """Return the job with its files, its outcome if they are lost, None if it must not run now."""
        try:
            files = retry(lambda: self._store.files(claimed.id, claimed.token), within=_FILES_WITHIN)
        except RedisError as error:
            _log.error("job %s: its files could not be read, it runs again: %s", claimed.id, error)
            return None
        if files is None:
            _log.info("job %s: not wanted any more", claimed.id)
            return None
        if len(files) < claimed.files:
            _log.error("job %s: Redis has %d of its %d files", claimed.id, len(files), claimed.files)
            return sandbox_failure("the files of this job were lost before it ran")
        return replace(claimed.job, files=files)

    def _run_once(self, running: RunningJob, job: Job) -> Outcome:
        claimed = running.claimed
        if not job.stream:
            return self._sandbox.run(job)
        with self._live_output.stream(claimed.id, claimed.token) as output:
            outcome = self._sandbox.run(job, output)
        running.streamed_run = output.run
        return outcome

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
                extra={
                    "status": status,
                    "mode": claimed.job.mode,
                    "environment": claimed.job.environment,
                    "attempt": claimed.attempt,
                },
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
                    run=running.streamed_run,
                    # A job that is claimed now would wait while this process cleans up.
                    claim_next=self._shutdown.accepts_jobs and not self._sandbox.is_cleaning_up,
                ),
                within=_FINISH_WITHIN,
                is_final=is_final,
            )
        except OutOfMemoryError:
            if running.abort_reason:
                raise
            _log.error("job %s: Redis is full, its artifacts or its outcome are dropped", claimed.id)
        # The artifacts may be what does not fit.
        without = without_contents(outcome)
        if outcome.artifacts:
            try:
                return retry(
                    lambda: self._store.finish(claimed.id, claimed.token, without, run=running.streamed_run),
                    within=_DROPPED_WITHIN,
                    is_final=lambda _: running.abort_reason is not None,
                )
            except OutOfMemoryError:
                if running.abort_reason:
                    raise
        small = small_outcome(without)
        run = running.streamed_run if small is without else None
        return self._store.finish(claimed.id, claimed.token, small, run=run, when_full=True)

    def _release(self, claimed: Claimed) -> None:
        try:
            retry(lambda: self._store.release(claimed.id, claimed.token), within=_RELEASE_WITHIN)
        except RedisError as error:
            _log.warning("job %s: not handed back, its lease will lapse: %s", claimed.id, error)
