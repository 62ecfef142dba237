"""The nsjail sandbox: runs each job in a runner that was started before the job came."""

import contextlib
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from jobs.job import Job
from jobs.limits import MB, Limits
from jobs.outcome import Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.jail.jail import Jail
from sandbox.jail.pool import JailPool
from sandbox.observation import Observation
from sandbox.session import Session
from sandbox.verdict import decide, find_sandbox_fault

#: Seconds that a jail and its first runner may take to be ready.
_READY_TIMEOUT: Final = 30.0


class NsjailSandbox:
    """Runs jobs in jails. Each runner serves one job. Use it from one thread at a time."""

    def __init__(self, pool: JailPool, cpus: float, ready_ahead: int) -> None:
        """Start nothing yet.

        Args:
            pool: The jails.
            cpus: How many CPUs a job may keep busy.
            ready_ahead: How many jails wait with a ready runner for jobs to come.
        """
        self._pool = pool
        self._cpus = cpus
        self._ready_ahead = ready_ahead
        self._ready: deque[_ReadyJail] = deque()
        self._running: _ReadyJail | None = None
        #: Returns the last job's jail to the pool, or closes it. It runs after `run` has
        #: returned the outcome.
        self._clean_up_last: Callable[[], object] | None = None
        self._closes_last = False

    def run(self, job: Job) -> Outcome:
        """Run `job` and return its outcome. Raises SandboxFailure."""
        running = self._ready.popleft() if self._ready else self._make_ready()
        self._running = running
        try:
            if not running.begin(job.limits, self._cpus):
                # The kernel has not freed an earlier job's memory yet, and would count it as this job's.
                running.close()
                running = self._running = self._make_ready()
                running.begin(job.limits, self._cpus)
            observation = running.run(job)
        except Exception as failure:
            # After any error the state of the jail is unknown, so do not use it again.
            output = running.close()
            raise SandboxFailure(f"{failure}; output of nsjail: {output or 'none'}") from failure
        finally:
            self._running = None
        self._clean_up()
        if observation.memory_exceeded or observation.trace.status is None:
            # The kernel may have killed more than the job, or the init did not answer. The answer does not
            # wait for the kernel to free what the job had.
            running.cancel()
            self._clean_up_last, self._closes_last = running.close, True
        else:
            self._clean_up_last = lambda: self._pool.give_back(running.release())
        return decide(observation, job.limits, SandboxKind.NSJAIL, time.thread_time, job.mode)

    @property
    def is_cleaning_up(self) -> bool:
        """Whether the last job's jail must be closed, which takes seconds if the job had much memory."""
        return self._closes_last

    def prepare(self) -> None:
        """Clean up after the last job and make jails ready for the next jobs."""
        self._clean_up()
        # If no jail can be made, the next job's `run` raises the error.
        with contextlib.suppress(SandboxFailure):
            while len(self._ready) < self._ready_ahead:
                self._ready.append(self._make_ready())

    def cancel(self) -> None:
        """Kill the running job from another thread; its `run` then raises SandboxFailure."""
        if running := self._running:
            running.cancel()

    def close(self) -> None:
        """End every jail."""
        self._clean_up()
        while self._ready:
            self._ready.pop().close()
        self._pool.close()

    def _make_ready(self) -> "_ReadyJail":
        self._clean_up()
        with contextlib.suppress(OSError, SandboxFailure):
            return _ReadyJail(self._pool.take())
        # A jail that has ended accepts no order. A new jail may.
        self._pool.close()
        try:
            return _ReadyJail(self._pool.take())
        except OSError as error:
            raise SandboxFailure(f"no jail for a job: {error}") from error

    def _clean_up(self) -> None:
        """Return the last job's jail to the pool, or close it."""
        clean_up, self._clean_up_last = self._clean_up_last, None
        if clean_up:
            clean_up()
        self._closes_last = False


class _ReadyJail:
    """A jail, and the session with the runner that waits in it."""

    def __init__(self, jail: Jail) -> None:
        self._jail = jail
        try:
            self._session = Session(jail.control, bind_job=True)
        except (OSError, SandboxFailure):
            jail.close()
            raise

    def begin(self, limits: Limits, cpus: float) -> bool:
        """Wait for the runner and set the limits; return False if memory of an earlier job is still charged.

        Raises SandboxFailure, OSError.
        """
        cgroup = self._jail.cgroup
        self._session.wait_until_ready(_READY_TIMEOUT)
        # Before the hand-over, and in addition to the usage of the waiting runner: the job gets its full
        # limits.
        self._before = cgroup.begin(
            memory_bytes=limits.memory_mb * MB,
            processes=limits.processes + self._jail.overhead_processes,
            cpus=cpus,
        )
        return not cgroup.grown

    def run(self, job: Job) -> Observation:
        """Hand the job over and wait for its end. Raises SandboxFailure, OSError."""
        cgroup = self._jail.cgroup
        trace = self._session.run(
            job, rlimits=_rlimits(job.limits), kill=self._jail.kill_job, cpu_clock=cgroup.cpu_seconds
        )
        exceeded = cgroup.out_of_memory(self._before)
        peak = cgroup.memory_peak(self._before, exceeded=exceeded)
        observation = Observation(trace, memory_exceeded=exceeded, memory_peak=peak)
        if trace.status is not None:
            # Without a status, processes of the job may still run, and the limit must stay.
            cgroup.end(self._before, observation.memory_peak)
        if fault := find_sandbox_fault(observation):
            raise SandboxFailure(fault)
        return observation

    def cancel(self) -> None:
        """Kill the job and everything else in the jail."""
        self._jail.kill()

    def release(self) -> Jail:
        """Close the session; return the jail."""
        self._session.close()
        return self._jail

    def close(self) -> str:
        """End the session and the jail; return nsjail's output."""
        return self.release().close()


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    """Return the limits that the runner sets on itself. They apply if the worker's CPU clock fails."""
    cpu = math.ceil(limits.cpu) + 1
    return {"RLIMIT_CPU": (cpu, cpu + 1)}
