"""A sandbox that runs nothing. Tests use it to show that a check can fail."""

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind
from jobs.stream import Stream
from sandbox.errors import SandboxFailure
from sandbox.protocol import OnOutput


class StubSandbox:
    """Gives every job the same answer."""

    def __init__(self, answer: Outcome | SandboxFailure | None = None) -> None:
        """Return or raise `answer` for every job; by default a result that no probe expects."""
        self._answer = answer or Outcome(sandbox=SandboxKind.NSJAIL, result={"idle": True})

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:  # noqa: ARG002 (the interface names it)
        """Return or raise the answer; first hand on the outputs in it."""
        if isinstance(self._answer, SandboxFailure):
            raise self._answer
        if on_output:
            on_output(Stream.STDOUT, self._answer.stdout.encode())
            on_output(Stream.STDERR, self._answer.stderr.encode())
        return self._answer

    is_cleaning_up = False

    def prepare(self) -> None:
        """Do nothing."""

    def drop(self, environment: str) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
