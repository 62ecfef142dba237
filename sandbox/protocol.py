"""The interface of every sandbox. This file imports no implementation."""

from typing import Protocol

from jobs.job import Job
from jobs.outcome import Outcome


class Sandbox(Protocol):
    """Runs one job at a time. Call its methods from one thread, except `cancel`.

    The nsjail sandbox, the restricted executor and the test double have this interface.
    """

    def run(self, job: Job) -> Outcome:
        """Run `job` and return its outcome.

        Raises:
            SandboxFailure: The sandbox failed or was cancelled. The script is not at fault.
        """

    @property
    def is_cleaning_up(self) -> bool:
        """Whether the last job holds up the next one: the kernel still frees what it had."""

    def prepare(self) -> None:
        """Get ready for the next job. Call it after the last outcome is on its way to the client."""

    def cancel(self) -> None:
        """Kill the running job from another thread; its `run` then raises SandboxFailure.

        Does nothing when no job is running.
        """

    def close(self) -> None:
        """Release all processes, cgroups and files."""
