"""The restricted sandbox: runs each job in a runner of its own that the kernel locks down."""

import math
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Final

import sandbox
from jobs.environment import STDLIB
from jobs.job import Job
from jobs.limits import MB, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from sandbox.errors import SandboxFailure
from sandbox.guest.frames import byte_code, compile_hidden
from sandbox.guest.init import KILL
from sandbox.guest_process import GuestProcess
from sandbox.observation import INTERPRETER_BYTES, Observation
from sandbox.protocol import OnOutput
from sandbox.session import Session
from sandbox.verdict import decide, find_sandbox_fault
from validation.errors import Rejection
from validation.restricted.script import validate

#: Seconds that an init and its first runner may take to be ready. Under a user-space kernel such as gVisor, a
#: new interpreter takes seconds to import the modules that the runners share.
_READY_TIMEOUT: Final = 30.0

#: The program of the init. A text for the option `-c` would be a visible frame below every script.
_PROGRAM: Final = """
import sys
home = sys.argv[1]
sys.path.insert(0, home)
from sandbox.guest.restricted.loader import HiddenFinder
with HiddenFinder():
    from sandbox.guest.restricted.start import restricted
sys.path.remove(home)
restricted(language=sys.argv[2] == "guarded")
"""


class RestrictedSandbox:
    """Runs jobs, each in a runner of its own. Use it from one thread at a time."""

    def __init__(self, language: bool = True) -> None:
        """Start nothing yet.

        Args:
            language: Whether to guard the language. False tests the kernel's layer by itself.
        """
        self._language = language
        self._guest: GuestProcess | None = None
        self._next: Session | None = None
        self._running: GuestProcess | None = None

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        """Run `job` and return its outcome; see the protocol. Raises SandboxFailure."""
        if job.environment != STDLIB:
            raise SandboxFailure(f"the restricted executor has no environment {job.environment}")
        if job.files or job.artifacts:
            # The API accepted the job while no worker had this kind of sandbox.
            error = JobError(ErrorType.UNSUPPORTED, "the restricted executor has no files and no artifacts")
            return Outcome(sandbox=SandboxKind.RESTRICTED, error=error)
        if self._language:
            try:
                validate(job.script, needs_main=job.mode is Mode.MAIN)
            except Rejection as rejection:
                # The API accepted the script while another kind of sandbox was registered.
                known = rejection.type in list(ErrorType)
                kind = ErrorType(rejection.type) if known else ErrorType.EXCEPTION
                error = JobError(kind, rejection.message, rejection.line)
                return Outcome(sandbox=SandboxKind.RESTRICTED, error=error)
        try:
            return self._run(job, on_output)
        except SandboxFailure as failure:
            output = self._stop()
            raise SandboxFailure(f"{failure}; output of the guest: {output or 'none'}") from failure
        finally:
            self._running = None

    @property
    def is_cleaning_up(self) -> bool:
        """False: the next runner does not wait for the end of the last."""
        return False

    def prepare(self) -> None:
        """Order the next runner, so that it is ready before its job comes."""
        try:
            self._order()
        except SandboxFailure:
            # The next job starts another init, or its `run` raises the error.
            self._stop()

    def drop(self, environment: str) -> None:
        """Do nothing: there is `stdlib` alone."""

    def dropped(self) -> list[str]:
        """Return the privileges that a runner drops, except system calls, in words. Raises SandboxFailure."""
        self._order()
        assert self._next is not None
        return self._next.wait_until_ready(_READY_TIMEOUT)

    def cancel(self) -> None:
        """Kill the running job from another thread; its `run` then raises SandboxFailure."""
        # Kill the init too. If only the runner died, the init would report that the job ended by a signal.
        if guest := self._running:
            guest.kill()

    def close(self) -> None:
        """End the init and its runner."""
        self._stop()

    def _run(self, job: Job, on_output: OnOutput | None) -> Outcome:
        self._order()
        guest, session = self._guest, self._next
        assert guest is not None
        assert session is not None
        self._next, self._running = None, guest
        with closing(session):
            session.wait_until_ready(_READY_TIMEOUT)
            trace = session.run(
                job,
                rlimits=_rlimits(job.limits),
                kill=lambda: guest.order(KILL),
                cpu_clock=None,
                on_output=on_output,
            )
        if trace.stop_reason and trace.status is None:
            # The init did not report the end of its runner, so do not use it again.
            self._stop()
        peak = None if trace.memory is None else max(0, trace.memory) + INTERPRETER_BYTES
        observation = Observation(trace, memory_peak=peak)
        if fault := find_sandbox_fault(observation):
            raise SandboxFailure(fault)
        return decide(observation, job.limits, SandboxKind.RESTRICTED, time.thread_time, job.mode)

    def _order(self) -> None:
        if self._guest is None:
            with _program_file() as program:
                self._guest = GuestProcess(self._command(program.fileno()), pass_fds=[program.fileno()])
        if self._next is None:
            self._next = Session(self._guest.control)

    def _command(self, program: int) -> list[str]:
        home = str(Path(sandbox.__path__[0]).resolve().parent)
        guarded = "guarded" if self._language else "open"
        interpreter = [sys.executable, "-I", "-S", "-B", "-X", "utf8"]
        return [*interpreter, f"/proc/self/fd/{program}", home, guarded]

    def _stop(self) -> str:
        if self._next:
            self._next.close()
        guest, self._guest, self._next, self._running = self._guest, None, None, None
        if guest is None:
            return ""
        guest.close()
        return guest.output


def _program_file() -> BinaryIO:
    """Return a file in memory with the program, compiled. Raises SandboxFailure."""
    try:
        file = os.fdopen(os.memfd_create("program"), "wb")
    except OSError as error:
        raise SandboxFailure(f"the sandbox did not start: {error}") from error
    file.write(byte_code(compile_hidden(_PROGRAM, "program", called=False)))
    file.flush()
    return file


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    """Return the limits that the runner sets on itself. RLIMIT_CPU counts whole seconds."""
    cpu, memory = math.ceil(limits.cpu), limits.memory_mb * MB
    return {"RLIMIT_CPU": (cpu, cpu + 1), "RLIMIT_AS": (memory, memory)}
