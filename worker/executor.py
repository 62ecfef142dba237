"""One job on a worker: claim it, run it, write its outcome."""

import logging
import time
from typing import Final

from redis import RedisError
from redis.exceptions import OutOfMemoryError

from config.logging import about
from config.redis import connect
from config.settings import Settings
from jobs.outcome import ErrorType, JobError, Outcome
from jobs.system_outcomes import ATTEMPTS
from sandbox.errors import SandboxFailure
from sandbox.protocol import Sandbox
from store.claim import Claim, Claimed
from store.finish import Finish, Finished
from store.hint import Hint
from store.linger import Linger
from store.release import Release
from store.renew import Renew
from worker.lease import AbortReason, LeaseKeeper, RunningJob
from worker.retry import retry
from worker.shutdown_state import ShutdownState

_log = logging.getLogger(__name__)

#: Seconds for which Redis is asked again: for a job (a message lost meanwhile is sent again), to take one
#: back (else it is taken from us when its lease is over), to keep an outcome (nobody can run the job anew
#: while Redis is away, and once it is back the claim is renewed in time), and to keep one it has no room for.
_CLAIM_WITHIN: Final = 2.0
_RELEASE_WITHIN: Final = 2.0
_FINISH_WITHIN: Final = 60.0
_ROOM_WITHIN: Final = 5.0

#: Seconds a process waits for more to do, before Celery has it back.
_LINGER: Final = 10.0


class Executor:
    """Runs the jobs of one worker process, one after the other."""

    def __init__(
        self, settings: Settings, *, worker: str, sandbox: Sandbox, stage: ShutdownState, hint: str
    ) -> None:
        """Connect to Redis and make the sandbox ready for the first job.

        worker: its id. stage: of its stop. hint: the message that makes a worker look for jobs.
        """
        redis, ttl = connect(settings.redis_url), settings.result_ttl
        self._claim = Claim(redis, ttl=ttl, hint=hint, running_max=settings.key_running_max)
        self._linger = Linger(connect(settings.redis_url, block=_LINGER), self._claim, worker=worker)
        self._finish = Finish(redis, self._claim, ttl=ttl, hint=hint)
        self._release = Release(redis, hint=hint)
        self._pass_on = Hint(redis, hint=hint)
        self._sandbox, self._stage = sandbox, stage
        self._heartbeat = LeaseKeeper(Renew(redis), sandbox.cancel, stage)
        sandbox.prepare()

    def execute(self) -> None:
        """Run the job whose turn it is, and then the next, until there has been none for a while."""
        try:
            if self._stage.taking:
                self._work()
            else:
                # A stop began: what the message said is for another worker.
                self._pass_on()
        except RedisError as error:
            _log.warning("no job was claimed: %s", error)

    def close(self) -> None:
        """Stop the heartbeat and let go of the sandbox."""
        self._heartbeat.close()
        self._sandbox.close()

    def _work(self) -> None:
        claimed = retry(self._claim, within=_CLAIM_WITHIN)
        while True:
            while claimed:
                claimed = self._serve(claimed)
                # While the answer is on its way, and the next job on its.
                self._sandbox.prepare()
            if not self._stage.taking:
                return
            waited = self._linger(_LINGER)
            if not waited.message:
                return
            claimed = waited.claimed

    def _serve(self, claimed: Claimed) -> Claimed | None:
        """Run a job to its end; return the next one, claimed as its outcome was written."""
        with about(claimed.id), self._heartbeat.holding(claimed) as running:
            if not self._stage.taking:
                # Claimed just as the stop began.
                running.abort_reason = AbortReason.HANDED_BACK
            outcome = None if running.abort_reason else self._run(running)
            following = self._write(running, outcome) if outcome else None
            if running.abort_reason is AbortReason.HANDED_BACK:
                self._hand_back(claimed)
            return following

    def _run(self, running: RunningJob) -> Outcome | None:
        """Return how the job ended, None where it was killed because it must not go on."""
        claimed = running.claimed
        for attempt in range(claimed.attempt, ATTEMPTS + 1):
            try:
                return self._sandbox.run(claimed.job)
            except SandboxFailure as failure:
                if running.abort_reason:
                    _log.info("job %s: killed, %s", claimed.id, running.abort_reason)
                    return None
                _log.error("job %s: attempt %d of %d: %s", claimed.id, attempt, ATTEMPTS, failure)
            except Exception:  # noqa: BLE001 -- a fault of ours must not leave a job running for ever
                _log.exception("job %s: attempt %d of %d", claimed.id, attempt, ATTEMPTS)
        # The log has the reasons; a client learns nothing of our insides.
        return _failed(f"the sandbox failed {ATTEMPTS} times; try again later")

    def _write(self, running: RunningJob, outcome: Outcome) -> Claimed | None:
        claimed = running.claimed
        try:
            finished = self._finished(running, outcome)
        except RedisError as error:
            _log.error("job %s: its outcome could not be written, it runs again: %s", claimed.id, error)
            return None
        if not finished.counts:
            _log.warning("job %s: its outcome is not wanted any more", claimed.id)
        else:
            status = outcome.error.type if outcome.error else "succeeded"
            _log.info("job ended", extra={"status": status, "attempt": claimed.attempt})
        return finished.claimed

    def _finished(self, running: RunningJob, outcome: Outcome) -> Finished:
        claimed, began = running.claimed, time.monotonic()

        def given_up(error: RedisError) -> bool:
            full = isinstance(error, OutOfMemoryError) and time.monotonic() - began > _ROOM_WITHIN
            return full or running.abort_reason is not None

        try:
            return retry(
                lambda: self._finish(claimed.id, claimed.token, outcome, go_on=self._stage.taking),
                within=_FINISH_WITHIN,
                given_up=given_up,
            )
        except OutOfMemoryError:
            if running.abort_reason:
                raise
            _log.error("job %s: Redis is full, its outcome is dropped", claimed.id)
            small = _failed("the service had no room for the outcome of this job")
            return self._finish(claimed.id, claimed.token, small, when_full=True)

    def _hand_back(self, claimed: Claimed) -> None:
        try:
            retry(lambda: self._release(claimed.id, claimed.token), within=_RELEASE_WITHIN)
        except RedisError as error:
            _log.warning("job %s: not handed back, its claim will lapse: %s", claimed.id, error)


def _failed(message: str) -> Outcome:
    return Outcome(error=JobError(ErrorType.SANDBOX_FAILURE, message))
