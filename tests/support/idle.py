"""A sandbox that runs nothing: what relies on a sandbox must notice."""

from jobs.job import Job
from jobs.outcome import Outcome, SandboxKind
from sandbox.errors import SandboxFailure


class IdleSandbox:
    """Gives every job the same answer, and remembers the jobs."""

    def __init__(self, answer: Outcome | SandboxFailure | None = None) -> None:
        """Answer with an outcome or a failure; if not given, with a result that no job has."""
        self.jobs: list[Job] = []
        self._answer = answer or Outcome(sandbox=SandboxKind.NSJAIL, result={"idle": True})

    def run(self, job: Job) -> Outcome:
        """Return or raise the answer, whatever the job is."""
        self.jobs.append(job)
        if isinstance(self._answer, SandboxFailure):
            raise self._answer
        return self._answer

    def close(self) -> None:
        """Do nothing."""
