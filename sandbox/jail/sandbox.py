"""The nsjail sandbox: runs each job in a runner that was started before the job came."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.jail.ready_jails import ReadyJail, ReadyJails
from sandbox.protocol import OnOutput
from sandbox.verdict import decide


class NsjailSandbox:
    """Runs jobs in jails. Each runner serves one job. Use it from one thread at a time."""

    def __init__(self, environments: dict[str, ReadyJails], cpus: float) -> None:
        """Start nothing yet.

        Args:
            environments: The jails of each environment, by its name.
            cpus: How many CPUs a job may keep busy.
        """
        self._environments = environments
        self._cpus = cpus
        self._running: ReadyJail | None = None
        #: Returns the last job's jail to the pool, or closes it. It runs after `run` has
        #: returned the outcome.
        self._clean_up_last: Callable[[], object] | None = None
        self._closes_last = False

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        """Run `job` and return its outcome; see the protocol. Raises SandboxFailure."""
        jails = self._environments.get(job.environment)
        if jails is None:
            raise SandboxFailure(f"the sandbox has no environment {job.environment}")
        running = self._running = jails.take() or self._start(jails)
        try:
            if not running.begin(job.limits, self._cpus):
                # The kernel has not freed an earlier job's memory yet, and would count it as this job's.
                running.close()
                running = self._running = self._start(jails)
                if not running.begin(job.limits, self._cpus):
                    raise SandboxFailure("a new jail has memory of an earlier job")
            observation = running.run(job, on_output)
        except Exception as failure:
            # After any error the state of the jail is unknown, so do not use it again.
            output = running.close()
            raise SandboxFailure(f"{failure}; output of nsjail: {output or 'none'}") from failure
        finally:
            self._running = None
        self._clean_up()
        if observation.trace.status is None:
            # The init did not answer, or the kernel has killed it too. The answer does not wait for the
            # kernel to free what the job had.
            running.cancel()
            self._clean_up_last, self._closes_last = running.close, True
        else:
            self._clean_up_last = partial(jails.give_back, running)
        outcome = decide(observation, job.limits, SandboxKind.NSJAIL, time.thread_time, job.mode)
        return replace(outcome, environment_digest=jails.digest) if jails.digest else outcome

    @property
    def is_cleaning_up(self) -> bool:
        """Whether the last job's jail must be closed, which takes seconds if the job had much memory."""
        return self._closes_last

    def prepare(self) -> None:
        """Clean up after the last job and make jails ready for the next jobs."""
        self._clean_up()
        for jails in self._environments.values():
            # If no jail can be made, the next job's `run` raises the error.
            with contextlib.suppress(SandboxFailure):
                jails.fill()

    def drop(self, environment: str) -> None:
        """End the jails of an environment. Its jobs fail from now on."""
        self._clean_up()
        if jails := self._environments.pop(environment, None):
            jails.close()

    def cancel(self) -> None:
        """Kill the running job from another thread; its `run` then raises SandboxFailure."""
        if running := self._running:
            running.cancel()

    def close(self) -> None:
        """End every jail."""
        self._clean_up()
        for jails in self._environments.values():
            jails.close()

    def _start(self, jails: ReadyJails) -> ReadyJail:
        self._clean_up()
        return jails.start()

    def _clean_up(self) -> None:
        """Return the last job's jail to the pool, or close it."""
        clean_up, self._clean_up_last = self._clean_up_last, None
        if clean_up:
            clean_up()
        self._closes_last = False
