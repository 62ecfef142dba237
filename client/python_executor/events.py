"""The events of a job that runs."""

from dataclasses import dataclass
from typing import Generic, Literal

from python_executor.execution import ArtifactT, Execution, Status


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The job is queued, or begins to run."""

    job_id: str
    status: Status


@dataclass(frozen=True, slots=True)
class Output:
    """The script has written.

    Attributes:
        stream: `stdout` or `stderr`.
        text: What it has written.
        offset: The bytes of this output before it, in UTF-8.
    """

    stream: Literal["stdout", "stderr"]
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """The worker or the sandbox failed, and the job runs again. The output so far is void."""

    job_id: str


@dataclass(frozen=True)
class Done(Generic[ArtifactT]):
    """The job has ended. This is the last event."""

    execution: Execution[ArtifactT]


#: What `stream` and `follow` yield.
Event = StatusChanged | Output | Restarted | Done[ArtifactT]
