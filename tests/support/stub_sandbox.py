"""A sandbox that runs nothing. Tests use it to show that a check can fail."""

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind
from sandbox.errors import SandboxFailure


class StubSandbox:
    """Gives every job the same answer."""

    def __init__(self, answer: Outcome | SandboxFailure | None = None) -> None:
        """Return or raise `answer` for every job; by default a result that no probe expects."""
        self._answer = answer or Outcome(sandbox=SandboxKind.NSJAIL, result={"idle": True})

    def run(self, job: Job) -> Outcome:  # noqa: ARG002 (the interface names it)
        """Return or raise the answer."""
        if isinstance(self._answer, SandboxFailure):
            raise self._answer
        return self._answer

    is_cleaning_up = False

    def prepare(self) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
