"""A sandbox that runs every job in one environment, for the self-test."""

from dataclasses import replace

from jobs.job import Job
from jobs.outcome import Outcome
from sandbox.protocol import OnOutput, Sandbox


class EnvironmentView:
    """Runs every job in one environment of another sandbox, whatever environment the job names."""

    def __init__(self, sandbox: Sandbox, environment: str) -> None:
        """Take a sandbox and the name of one of its environments."""
        self._sandbox, self._environment = sandbox, environment

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        """Run `job` in the environment. Raises SandboxFailure."""
        return self._sandbox.run(replace(job, environment=self._environment), on_output)

    @property
    def is_cleaning_up(self) -> bool:
        """As the other sandbox says."""
        return self._sandbox.is_cleaning_up

    def prepare(self) -> None:
        """Prepare the other sandbox."""
        self._sandbox.prepare()

    def drop(self, environment: str) -> None:
        """Drop an environment of the other sandbox."""
        self._sandbox.drop(environment)

    def cancel(self) -> None:
        """Cancel in the other sandbox."""
        self._sandbox.cancel()

    def close(self) -> None:
        """Leave the other sandbox open: its owner closes it."""
