"""The nsjail sandbox: each job in a place that was made ready before the job came."""

import contextlib
import math
from collections import deque
from typing import Final

from jobs.job import Job
from jobs.limits import MB, Limits
from jobs.outcome import Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.jail.pool import Jail, JailPool
from sandbox.session import Session
from sandbox.verdict import Observed, decide, sound

#: Seconds a jail and its first runner may take to be ready.
_READY_WITHIN: Final = 10.0


class NsjailSandbox:
    """Runs jobs, each in a place used once. Use one from one thread at a time."""

    def __init__(self, places: JailPool, cpus: float, ahead: int) -> None:
        """Start nothing yet. cpus: how many a job may keep busy; ahead: how many places wait for a job."""
        self._places = places
        self._cpus = cpus
        self._ahead = ahead
        self._ready: deque[_Waiting] = deque()
        self._running: _Waiting | None = None
        self._over: _Waiting | None = None

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""
        running = self._ready.popleft() if self._ready else self._place()
        self._running = running
        try:
            if not running.begin(job.limits, self._cpus):
                # What an earlier job left is still in the kernel's hands; this one would answer for it.
                running.end()
                running = self._running = self._place()
                running.begin(job.limits, self._cpus)
            observed = running.run(job)
        except Exception as failure:
            # Whatever broke, nothing of it is used again.
            said = running.end()
            raise SandboxFailure(f"{failure}; nsjail said: {said or 'nothing'}") from failure
        finally:
            self._running = None
        if observed.memory_exceeded or observed.trace.status is None:
            # The kernel may have killed more than the job, or an init did not answer.
            running.end()
        else:
            self._let_go()
            self._over = running
        return decide(observed, job.limits, SandboxKind.NSJAIL)

    def prepare(self) -> None:
        """Let go of the last place and make the next, which gets ready by itself."""
        self._let_go()
        # If it cannot be made, the next job is told.
        with contextlib.suppress(SandboxFailure):
            while len(self._ready) < self._ahead:
                self._ready.append(self._place())

    def cancel(self) -> None:
        """Make the job that is running vanish, from another thread; its run() then raises SandboxFailure."""
        if running := self._running:
            running.cancel()

    def close(self) -> None:
        """End what waits for a job."""
        self._let_go()
        while self._ready:
            self._ready.pop().end()
        self._places.close()

    def _place(self) -> "_Waiting":
        self._let_go()
        with contextlib.suppress(OSError, SandboxFailure):
            return _Waiting(self._places.take())
        # A jail that is gone takes no order; a new one may.
        self._places.close()
        try:
            return _Waiting(self._places.take())
        except OSError as error:
            raise SandboxFailure(f"no place for a job: {error}") from error

    def _let_go(self) -> None:
        if self._over:
            self._places.give_back(self._over.leave())
            self._over = None


class _Waiting:
    """A place, and the session with the runner that waits there."""

    def __init__(self, place: Jail) -> None:
        self._place = place
        try:
            self._session = Session(place.control)
        except (OSError, SandboxFailure):
            place.end()
            raise

    def begin(self, limits: Limits, cpus: float) -> bool:
        """Set the limits; return False where what is counted is not this job's alone.

        Raises SandboxFailure, OSError.
        """
        group = self._place.group
        self._session.await_ready(_READY_WITHIN)
        # Before the hand-over, and on top of what waiting takes: what is limited and measured is the job's.
        self._before = group.begin(
            memory_bytes=limits.memory_mb * MB,
            processes=limits.processes + self._place.ours,
            cpus=cpus,
        )
        return not group.grown

    def run(self, job: Job) -> Observed:
        """Hand the job over, once its limits are set, and follow it. Raises SandboxFailure, OSError."""
        group = self._place.group
        trace = self._session.run(
            job, rlimits=_rlimits(job.limits), kill=self._place.kill, cpu_clock=group.cpu_seconds
        )
        observed = Observed(
            trace,
            memory_exceeded=group.out_of_memory(self._before),
            memory_peak=group.memory_peak(self._before),
        )
        if trace.status is not None:
            # Otherwise something of it may still be there.
            group.end(self._before, observed.memory_peak)
        if fault := sound(observed):
            raise SandboxFailure(fault)
        return observed

    def cancel(self) -> None:
        """Make the job vanish, with all there is around it."""
        self._place.cancel()

    def leave(self) -> Jail:
        """Let go of the session; return the place."""
        self._session.close()
        return self._place

    def end(self) -> str:
        """End both; return what nsjail had to say."""
        return self.leave().end()


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    """Return the limits the runner sets on itself: a net below the worker's own CPU clock."""
    cpu = math.ceil(limits.cpu) + 1
    return {"RLIMIT_CPU": (cpu, cpu + 1)}
