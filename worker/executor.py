"""One job on a worker: claim it, run it, write its outcome."""

import logging
from typing import Final

from redis import Redis

from records.claim import Claim
from records.finish import Finish
from sandbox.choice import Sandbox
from sandbox.errors import SandboxFailure
from sandbox.job import Job
from sandbox.outcome import ErrorType, JobError, Outcome

_log = logging.getLogger(__name__)

#: How often a job is tried when the sandbox, not the script, goes wrong.
ATTEMPTS: Final = 3


class Executor:
    """Runs the jobs of one worker process, one after the other."""

    def __init__(self, redis: "Redis", sandbox: Sandbox, result_ttl: int) -> None:
        """Bind to a Redis client (decoding answers to text) and a sandbox."""
        self._claim = Claim(redis)
        self._finish = Finish(redis, result_ttl)
        self._sandbox = sandbox

    def execute(self, job_id: str) -> None:
        """Run the job of that id, if it still waits to be run."""
        claimed = self._claim(job_id)
        if claimed is None:
            _log.info("job %s: nothing to do, it is running, final or gone", job_id)
            return
        outcome = self._run(job_id, claimed.job)
        if not self._finish(job_id, claimed.token, outcome):
            _log.warning("job %s: its outcome is not wanted any more", job_id)

    def _run(self, job_id: str, job: Job) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._sandbox.run(job)
            except SandboxFailure as failure:
                _log.error("job %s: attempt %d of %d: %s", job_id, attempt, ATTEMPTS, failure)
            except Exception:  # noqa: BLE001 -- a fault of ours must not leave a job running for ever
                _log.exception("job %s: attempt %d of %d", job_id, attempt, ATTEMPTS)
        # The log has the reasons; a client learns nothing of our insides.
        return Outcome(
            error=JobError(ErrorType.SANDBOX_FAILURE, f"the sandbox failed {ATTEMPTS} times; try again later")
        )
