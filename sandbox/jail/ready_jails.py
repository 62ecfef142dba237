"""Jails of one environment, each with a runner that waits for its job."""

import contextlib
import math
from collections import deque
from typing import Final

from jobs.job import Job
from jobs.limits import MB, Limits
from sandbox.errors import SandboxFailure
from sandbox.jail.jail import Jail
from sandbox.jail.pool import JailPool
from sandbox.observation import Observation
from sandbox.protocol import OnOutput
from sandbox.session import Session
from sandbox.verdict import find_sandbox_fault

#: Seconds that a jail and its first runner may take to be ready.
_READY_TIMEOUT: Final = 60.0


class ReadyJails:
    """The jails of one environment.

    Attributes:
        digest: The digest of the environment, None for `stdlib`.
    """

    def __init__(self, pool: JailPool, ahead: int, digest: str | None = None) -> None:
        """Start nothing yet.

        Args:
            pool: The jails.
            ahead: How many jails wait with a ready runner for jobs to come.
            digest: The digest of the environment.
        """
        self.digest = digest
        self._pool = pool
        self._ahead = ahead
        self._ready: deque[ReadyJail] = deque()

    def take(self) -> "ReadyJail | None":
        """Take the jail whose runner has waited longest, None if none waits."""
        return self._ready.popleft() if self._ready else None

    def start(self) -> "ReadyJail":
        """Let a runner get ready in a free jail or in a new one. Raises SandboxFailure."""
        with contextlib.suppress(OSError, SandboxFailure):
            return ReadyJail(self._pool.take())
        # A jail that has ended accepts no order. A new jail may.
        self._pool.close()
        try:
            return ReadyJail(self._pool.take())
        except OSError as error:
            raise SandboxFailure(f"no jail for a job: {error}") from error

    def fill(self) -> None:
        """Let as many runners get ready as shall wait. Does not wait for them. Raises SandboxFailure."""
        while len(self._ready) < self._ahead:
            self._ready.append(self.start())

    def give_back(self, used: "ReadyJail") -> None:
        """Take back the jail of a job that is over."""
        self._pool.give_back(used.release())

    def close(self) -> None:
        """End every jail that no job uses."""
        while self._ready:
            self._ready.pop().close()
        self._pool.close()


class ReadyJail:
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
        self._jail.begin_job()
        # Before the hand-over, and in addition to the usage of the waiting runner: the job gets its full
        # limits.
        self._before = cgroup.begin(
            memory_bytes=limits.memory_mb * MB,
            processes=limits.processes + self._jail.overhead_processes,
            cpus=cpus,
        )
        return not cgroup.grown

    def run(self, job: Job, on_output: OnOutput | None) -> Observation:
        """Hand the job over and wait for its end. Raises SandboxFailure, OSError."""
        cgroup = self._jail.cgroup
        trace = self._session.run(
            job,
            rlimits=_rlimits(job.limits),
            kill=self._jail.kill_job,
            cpu_clock=cgroup.cpu_seconds,
            waits_for_all=self._jail.waits_for_all,
            on_output=on_output,
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
