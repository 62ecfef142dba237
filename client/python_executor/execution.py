"""Executions: what became of a script."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic

from python_executor.artifact import Artifact, ArtifactInfo
from python_executor.errors import ExecutionFailed

if sys.version_info >= (3, 13):
    from typing import TypeVar
else:
    from typing_extensions import TypeVar

#: `Artifact` for a `Client`, `AsyncArtifact` for an `AsyncClient`.
ArtifactT = TypeVar("ArtifactT", bound=ArtifactInfo, default=Artifact)


class Status(StrEnum):
    """The status of a job. All but `queued` and `running` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: The service refused the script, so that there is no job. Only `run` and `batch` of the client use it.
    REFUSED = "refused"

    @property
    def final(self) -> bool:
        """Whether it will not change."""
        return self not in (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class ScriptError:
    """Why a script failed or was refused.

    Attributes:
        type: The type, for example `exception` or `timeout`.
        message: One line that says what happened.
        line: The line of the script, counted from 1, None if no line is known.
        column: The column of a syntax error, counted from 1, None for other errors.
        traceback: The script's own traceback, None if there is none.
    """

    type: str
    message: str
    line: int | None = None
    column: int | None = None
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a job has used; None where it was not measured.

    Attributes:
        wall_ms: Milliseconds of wall time.
        cpu_ms: Milliseconds of CPU time.
        memory_peak_bytes: The most bytes of memory at a time.
        queued_ms: Milliseconds in the queue.
    """

    wall_ms: float | None = None
    cpu_ms: float | None = None
    memory_peak_bytes: int | None = None
    queued_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Truncated:
    """Which outputs were cut at their limit."""

    stdout: bool = False
    stderr: bool = False


# Without slots: before Python 3.13, `Execution[Artifact](…)` of a frozen class with slots is a TypeError.
@dataclass(frozen=True)
class Execution(Generic[ArtifactT]):
    """What became of a script, as the service said last.

    Attributes:
        id: The id of the job, empty if the script was refused.
        status: The status.
        result: What `main` returned, None in mode `program` and while there is no result.
        stdout: What the script printed. Empty while the job has not ended.
        stderr: The same for standard error.
        truncated: Which of the two were cut at their limit.
        error: Why the script failed, None if it did not.
        usage: What the job has used.
        exit_code: The exit code, None if the script did not end by itself.
        artifacts: The files that it left, sorted by path.
        artifacts_truncated: Whether there may be more files.
        environment: The environment, a set of packages.
        environment_digest: The digest of the environment, None before the job has run, and for `stdlib`.
        sandbox: `nsjail` or `restricted`, None before the job has run.
        limits: The limits that held: `timeout`, `cpu`, `memory_mb`, `processes`.
        created_at: When the service accepted the job.
        started_at: When a worker took it.
        finished_at: When it became final.
    """

    id: str
    status: Status
    result: dict[str, Any] | None = None
    stdout: str = ""
    stderr: str = ""
    truncated: Truncated = Truncated()
    error: ScriptError | None = None
    usage: Usage = Usage()
    exit_code: int | None = None
    artifacts: tuple[ArtifactT, ...] = ()
    artifacts_truncated: bool = False
    environment: str = "stdlib"
    environment_digest: str | None = None
    sandbox: str | None = None
    limits: Mapping[str, float] | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the script ran and did not fail."""
        return self.status is Status.SUCCEEDED

    def artifact(self, path: str) -> ArtifactT:
        """Return the artifact with a path. Raises KeyError if there is none."""
        for one in self.artifacts:
            if one.path == path:
                return one
        raise KeyError(path)

    def raise_for_error(self) -> "Execution[ArtifactT]":
        """Return this execution if the script succeeded or has not ended.

        Raises:
            ExecutionFailed: The script failed, was refused, or was cancelled.
        """
        if self.succeeded or not self.status.final:
            return self
        said = f"{self.error.type}: {self.error.message}" if self.error else str(self.status)
        raise ExecutionFailed(f"{self.id}: {said}" if self.id else said, self)
