"""The outcome of a job."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jobs.files import Artifact


class ErrorType(StrEnum):
    """The reason why a job failed. Only `error.type` contains it."""

    EXCEPTION = "exception"
    EXIT = "exit"
    INVALID_RESULT = "invalid_result"
    RESULT_TOO_LARGE = "result_too_large"
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    KILLED = "killed"
    MAIN_NOT_CALLABLE = "main_not_callable"
    FORBIDDEN_SYNTAX = "forbidden_syntax"
    FORBIDDEN_IMPORT = "forbidden_import"
    UNSUPPORTED = "unsupported"
    SANDBOX_FAILURE = "sandbox_failure"
    EXPIRED = "expired"


class SandboxKind(StrEnum):
    """The kind of sandbox that ran a job."""

    NSJAIL = "nsjail"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed.

    Attributes:
        type: The reason, for programs.
        message: The reason, for a person.
        line: The line of the script, counted from 1.
        traceback: The script's own frames only.
    """

    type: ErrorType
    message: str
    line: int | None = None
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """The resources that a job used, from the hand-over to the sandbox to its end. None if not measured.

    Attributes:
        wall_ms: Milliseconds of wall time.
        cpu_ms: Milliseconds of CPU time of all processes, plus the worker's CPU time for the job.
        memory_peak_bytes: The most memory in use at once.
    """

    wall_ms: float | None = None
    cpu_ms: float | None = None
    memory_peak_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a job, and its output.

    A job succeeds with a result in mode `main`, with exit code 0 in mode `program`. It fails with an error.

    Attributes:
        sandbox: The kind of sandbox that ran the job, None if no sandbox did.
        result: What `main` returned. None in mode `program` and if the job failed.
        error: Why the job failed, None if it succeeded.
        exit_code: The exit code of the script, None if the script did not end by itself.
        environment_digest: The digest of the environment that the script had, None for `stdlib`.
        artifacts: The files that the client asked for, sorted by path.
        artifacts_truncated: Whether there may be more such files than `artifacts` lists.
    """

    sandbox: SandboxKind | None = None
    result: dict[str, Any] | None = None
    error: JobError | None = None
    stdout: str = ""
    stderr: str = ""
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    usage: Usage = Usage()
    exit_code: int | None = None
    environment_digest: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    artifacts_truncated: bool = False

    def __post_init__(self) -> None:
        if self.result is not None and self.error is not None:
            raise ValueError("an outcome has a result or an error, not both")
        if self.result is None and self.error is None and self.exit_code != 0:
            raise ValueError("an outcome without a result or an error has the exit code 0")
