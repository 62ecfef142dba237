"""Claims: takes the job whose turn it is, keeps it while it runs, and writes its outcome."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis import Redis
from redis.client import NEVER_DECODE
from redis.exceptions import NoScriptError

from jobs.files import File
from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.claims import Claimed, Finished, WaitResult, claimed_from
from store.config import StoreConfig
from store.connections import Connections
from store.scripts import Scripts, checked
from store.serialisation import encode_outcome

#: Seconds after which Redis deletes an interrupt that no process has read.
_INTERRUPT_TTL: Final = 60


class Claimer:
    """Claims jobs for the workers of some environments."""

    def __init__(
        self,
        redis: "Redis",
        waiting: Connections,
        scripts: Scripts,
        config: StoreConfig,
        environments: Sequence[str],
    ) -> None:
        """Make the scripts; nothing is sent yet.

        Args:
            redis: A client that decodes answers to text.
            waiting: Connections whose commands may block.
            scripts: Makes the scripts.
            config: The bounds of the store.
            environments: The names of the environments whose jobs are claimed.
        """
        self._redis, self._waiting = redis, waiting
        self._notifications = [keys.notifications(environment) for environment in environments]
        self._claim = scripts.make("claim")
        self._renew = scripts.make("renew")
        self._finish, self._finish_when_full = scripts.make("finish", when_full=False), scripts.make("finish")
        self._release = scripts.make("release")
        self._claiming: Mapping[str, Any] = {
            **config.maximums,
            "environments": environments,
            "lease_ms": round(config.lease * 1000),
            "result_ttl": config.result_ttl,
        }

    def serve(self, environments: Sequence[str]) -> None:
        """Claim jobs of these environments from now on."""
        self._notifications = [keys.notifications(environment) for environment in environments]
        self._claiming = {**self._claiming, "environments": environments}

    def claim(self) -> Claimed | None:
        """Claim the job whose turn it is in this process's environments, None if no job can run."""
        return claimed_from(self._claim(**self._claiming))

    def wait_and_claim(self, worker_id: str, seconds: float) -> WaitResult:
        """Wait for a notification in Celery's lists, then claim a job.

        Celery's main process takes a notification and passes it to a process of its pool, which claims a job.
        A pool process that has just run a job reads the same lists directly. It pipelines its claim behind
        the wait, so Redis runs the claim as soon as the wait ends.

        Args:
            worker_id: The worker of this process; `interrupt_waits` ends the wait.
            seconds: The longest wait. After it the process claims even without a notification.
        """
        # Redis checks the keys in this order, so an interrupt goes before a notification.
        wait = ["BRPOP", keys.interrupts(worker_id), *self._notifications, str(seconds)]
        popped, answer = self._waiting.run_together(wait, self._claim.command(**self._claiming))
        # After a restart Redis does not have the script. `claim` sends it again.
        missing = isinstance(answer, NoScriptError)
        claimed = self.claim() if missing else claimed_from(checked(answer))
        if claimed:
            # Even if the wait failed, this process must run the claimed job.
            return WaitResult(notified=True, claimed=claimed)
        taken = checked(popped)
        return WaitResult(notified=taken is not None and taken[0] in self._notifications, claimed=None)

    def interrupt_waits(self, worker_id: str, processes: int) -> None:
        """End `wait_and_claim` in each of the `processes` pool processes of a worker."""
        with self._redis.pipeline() as pipeline:
            pipeline.lpush(keys.interrupts(worker_id), *["stop"] * processes)
            pipeline.expire(keys.interrupts(worker_id), _INTERRUPT_TTL)
            pipeline.execute()

    def renew(self, job_id: str, token: int) -> bool:
        """Prolong the lease of a job; return False if the job must stop."""
        return bool(self._renew(id=job_id, token=token, lease_ms=self._claiming["lease_ms"]))

    def files(self, job_id: str, token: int) -> tuple[File, ...] | None:
        """Renew the lease of a claimed job and return its files by path; None if the job must not run.

        They are fewer than `Claimed.files` if Redis has lost some.
        """
        if not self.renew(job_id, token):
            return None
        # Not in a script, which would copy the contents twice more.
        execute: Any = self._redis.execute_command
        contents = execute("HGETALL", keys.files(job_id), **{NEVER_DECODE: True})
        return tuple(File(path.decode(), content) for path, content in sorted(contents.items()))

    def finish(
        self,
        job_id: str,
        token: int,
        outcome: Outcome,
        *,
        run: int | None = None,
        claim_next: bool = False,
        when_full: bool = False,
    ) -> Finished:
        """Write the outcome and the artifacts of a job, if `token` belongs to the latest claim.

        A worker may repeat the call after an outage.

        Args:
            job_id: The job.
            token: The token of the claim.
            outcome: The outcome of the job.
            run: The run of `begin_output` whose output is in the outcome, None if there is none. The output
                of other runs becomes void.
            claim_next: Whether to claim the next job. If the answer is lost, that claim lapses.
            when_full: Whether to write while Redis has reached `maxmemory`; for small outcomes.
        """
        error = outcome.error
        kept = [one for one in outcome.artifacts if one.content is not None]
        script = self._finish_when_full if when_full else self._finish
        counts, *claimed = script(
            [encode_outcome(outcome), *(one.content for one in kept if one.content is not None)],
            id=job_id,
            token=token,
            status=Status.FAILED if error else Status.SUCCEEDED,
            error_type=error.type if error else "",
            sandbox=outcome.sandbox or "",
            artifacts=[(one.path, one.sha256) for one in kept],
            claim_next=claim_next,
            **({} if run is None else {"run": run}),
            **self._claiming,
        )
        return Finished(bool(counts), claimed_from(claimed))

    def release(self, job_id: str, token: int) -> bool:
        """Put a running job back into its queue; return False if the claim is no longer valid."""
        return bool(self._release(id=job_id, token=token))
