"""How a job ended."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class ErrorType(StrEnum):
    """Why a job failed; nothing else says it."""

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
    """The isolation a job had."""

    NSJAIL = "nsjail"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed.

    line: the line of the script, counted from 1.
    traceback: the script's own frames only.
    """

    type: ErrorType
    message: str
    line: int | None = None
    traceback: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the error as a JSON object."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Make an error of what `to_wire` returned."""
        return cls(**{**wire, "type": ErrorType(wire["type"])})


@dataclass(frozen=True, slots=True)
class Usage:
    """What a job used, from the hand-over to its end; None where it could not be measured."""

    wall_ms: float | None = None
    cpu_ms: float | None = None
    memory_peak_bytes: int | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the usage as a JSON object."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Make a usage of what `to_wire` returned."""
        return cls(**wire)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: with a result (`error` is None), or with an error (`result` is None)."""

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

    def to_wire(self) -> dict[str, Any]:
        """Return the outcome as a JSON object, in the shape of the public job object."""
        return {
            "result": self.result,
            "stdout": self.stdout,
            "stderr": self.stderr,
            "truncated": {"stdout": self.stdout_truncated, "stderr": self.stderr_truncated},
            "error": self.error and self.error.to_wire(),
            "usage": self.usage.to_wire(),
            "sandbox": self.sandbox,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Make an outcome of what `to_wire` returned."""
        return cls(
            sandbox=SandboxKind(wire["sandbox"]) if wire["sandbox"] else None,
            result=wire["result"],
            error=JobError.from_wire(wire["error"]) if wire["error"] else None,
            stdout=wire["stdout"],
            stderr=wire["stderr"],
            stdout_truncated=wire["truncated"]["stdout"],
            stderr_truncated=wire["truncated"]["stderr"],
            usage=Usage.from_wire(wire["usage"]),
        )
