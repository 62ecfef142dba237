"""The restricted sandbox: a runner for each job, locked down by the kernel."""

import math
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

import sandbox
from jobs.job import Job
from jobs.limits import MB, Limits
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.guest.init import KILL
from sandbox.process import GuestProcess
from sandbox.session import Session
from sandbox.verdict import Observed, decide, sound
from validation.errors import Rejection
from validation.restricted.script import validate

#: Seconds an init and its first runner may take to be ready; a fresh interpreter under a
#: user-space kernel takes seconds to import what the runners share.
_READY_WITHIN: Final = 30.0

_START: Final = (
    "import sys; home = sys.argv[1]; sys.path.insert(0, home); "
    "from sandbox.guest.restricted.start import restricted; "
    "sys.path.remove(home); restricted(language=sys.argv[2] == 'guarded')"
)


class RestrictedSandbox:
    """Runs jobs, each in a runner of its own. Use one from one thread at a time."""

    def __init__(self, language: bool = True) -> None:
        """Start nothing yet. language: False leaves out that layer, to prove the kernel's by itself."""
        self._language = language
        self._guest: GuestProcess | None = None
        self._next: Session | None = None
        self._running: GuestProcess | None = None

    def run(self, job: Job) -> Outcome:
        """Run `job` and return how it ended. Raises SandboxFailure."""
        if self._language:
            try:
                validate(job.script)
            except Rejection as rejection:
                # It was accepted while jobs ran in a jail: the API asks what the workers have.
                known = rejection.type in list(ErrorType)
                kind = ErrorType(rejection.type) if known else ErrorType.EXCEPTION
                error = JobError(kind, rejection.message, rejection.line)
                return Outcome(sandbox=SandboxKind.RESTRICTED, error=error)
        try:
            return self._run(job)
        except SandboxFailure as failure:
            said = self._stop()
            raise SandboxFailure(f"{failure}; the guest said: {said or 'nothing'}") from failure
        finally:
            self._running = None

    def prepare(self) -> None:
        """Order the next runner, so that it is ready before its job comes."""
        try:
            self._order()
        except SandboxFailure:
            # The next job starts another init, or is told.
            self._stop()

    def isolation(self) -> list[str]:
        """Return what a runner gives up besides system calls, in words. Raises SandboxFailure."""
        self._order()
        assert self._next is not None
        return self._next.await_ready(_READY_WITHIN)

    def cancel(self) -> None:
        """Make the job that is running vanish, from another thread; its run() then raises SandboxFailure."""
        # The init ends, not only its runner: that would look like an end of the job's own.
        if guest := self._running:
            guest.kill()

    def close(self) -> None:
        """End the init and its runner."""
        self._stop()

    def _run(self, job: Job) -> Outcome:
        self._order()
        guest, session = self._guest, self._next
        assert guest is not None
        assert session is not None
        self._next, self._running = None, guest
        with closing(session):
            session.await_ready(_READY_WITHIN)
            trace = session.run(
                job,
                rlimits=_rlimits(job.limits),
                kill=lambda: guest.order(KILL),
                cpu_clock=None,
            )
        if trace.stopped and trace.status is None:
            # Its init did not say how it ended: it is not relied on again.
            self._stop()
        observed = Observed(trace, memory_peak=trace.memory)
        if fault := sound(observed):
            raise SandboxFailure(fault)
        return decide(observed, job.limits, SandboxKind.RESTRICTED)

    def _order(self) -> None:
        if self._guest is None:
            self._guest = GuestProcess(self._command())
        if self._next is None:
            self._next = Session(self._guest.control)

    def _command(self) -> list[str]:
        home = str(Path(sandbox.__path__[0]).resolve().parent)
        guarded = "guarded" if self._language else "open"
        interpreter = [sys.executable, "-I", "-S", "-B", "-X", "utf8"]
        return [*interpreter, "-c", _START, home, guarded]

    def _stop(self) -> str:
        if self._next:
            self._next.close()
        guest, self._guest, self._next, self._running = self._guest, None, None, None
        if guest is None:
            return ""
        guest.close()
        return guest.said


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    """Return the limits of a runner: CPU in whole seconds, which is all that can be had without help."""
    cpu, memory = math.ceil(limits.cpu), limits.memory_mb * MB
    return {"RLIMIT_CPU": (cpu, cpu + 1), "RLIMIT_AS": (memory, memory)}
