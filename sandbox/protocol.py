"""The interface of every sandbox. This file imports no implementation."""

from collections.abc import Callable
from typing import Protocol

from jobs.job import Job
from jobs.outcome import Outcome
from jobs.stream import Stream

#: Receives the bytes of an output, up to its cap, as the sandbox reads them. It is called in the thread of
#: `run`, while the job runs and for some of the output after its end. It must be quick, and raise nothing.
OnOutput = Callable[[Stream, bytes], None]


class Sandbox(Protocol):
    """Runs one job at a time. Call its methods from one thread, except `cancel`.

    The nsjail sandbox, the restricted executor and the test double have this interface.
    """

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        """Run `job` and return its outcome.

        Args:
            job: The job.
            on_output: Receives the output while the job runs; None for nothing. The outcome has all of it.

        Raises:
            SandboxFailure: The sandbox failed or was cancelled. The script is not at fault.
        """

    @property
    def is_cleaning_up(self) -> bool:
        """Whether the last job holds up the next one: the kernel still frees what it had."""

    def prepare(self) -> None:
        """Get ready for the next job. Call it after the last outcome is on its way to the client."""

    def drop(self, environment: str) -> None:
        """End the jails of an environment. Its jobs fail from now on."""

    def cancel(self) -> None:
        """Kill the running job from another thread; its `run` then raises SandboxFailure.

        Does nothing when no job is running.
        """

    def close(self) -> None:
        """Release all processes, cgroups and files."""
