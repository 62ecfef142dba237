"""The outcome of a job."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
    """The end of a job: a result (`error` is None) or an error (`result` is None), and the output."""

    sandbox: SandboxKind | None = None
    result: dict[str, Any] | None = None
    error: JobError | None = None
    stdout: str = ""
    stderr: str = ""
    stdout_truncated: bool = False
    stderr_truncated: bool = False
    usage: Usage = Usage()

    def __post_init__(self) -> None:
        if (self.result is None) == (self.error is None):
            raise ValueError("an outcome has either a result or an error")
