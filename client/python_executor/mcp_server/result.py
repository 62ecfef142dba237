"""The result of the tool `run_python`, as structured content."""

from collections.abc import Sequence
from typing import Any, Final, Self

from pydantic import BaseModel, Field

from python_executor.artifact import ArtifactInfo
from python_executor.execution import Execution, ScriptError
from python_executor.mcp_server import artifact_uri
from python_executor.mcp_server.text import Excerpt, clean, excerpt

#: The most characters of each output that a model gets.
OUTPUT: Final = 20_000

_MESSAGE: Final = 2_000
_TRACEBACK: Final = 8_000

#: The most files that are named.
FILES: Final = 100


class Truncated(BaseModel):
    """Which outputs are not complete."""

    stdout: bool = Field(description="Whether a part of stdout is missing.")
    stderr: bool = Field(description="Whether a part of stderr is missing.")


class Error(BaseModel):
    """Why a script failed."""

    type: str = Field(description="For example exception, exit, timeout, memory_limit, syntax_error.")
    message: str = Field(description="What happened.")
    line: int | None = Field(description="The line of the script, counted from 1.")
    traceback: str | None = Field(description="The traceback of the script.")

    @classmethod
    def of(cls, error: ScriptError) -> Self:
        """Make it from the error of an execution."""
        return cls(
            type=error.type,
            message=excerpt(error.message, _MESSAGE).text,
            line=error.line,
            traceback=excerpt(error.traceback, _TRACEBACK).text if error.traceback else None,
        )


class File(BaseModel):
    """A file that a script left behind."""

    path: str = Field(description="Its path in the folder of the script.")
    media_type: str = Field(description="Its type, by the ending of its name.")
    size: int = Field(description="Its length in bytes.")
    uri: str | None = Field(description="The resource with its content, null if the content was not kept.")

    @classmethod
    def of(cls, job_id: str, artifact: ArtifactInfo) -> Self:
        """Make it from an artifact of a job."""
        return cls(
            path=clean(artifact.path),
            media_type=clean(artifact.media_type),
            size=artifact.size,
            uri=None if artifact.dropped else artifact_uri.make(job_id, artifact.path),
        )


class Usage(BaseModel):
    """What a script used; null where it was not measured."""

    wall_ms: float | None
    cpu_ms: float | None
    memory_peak_bytes: int | None
    queued_ms: float | None


class Result(BaseModel):
    """What became of a script."""

    status: str = Field(
        description="succeeded; failed: it ran and failed; refused: it did not run; or cancelled."
    )
    exit_code: int | None = Field(description="The exit code, null if the script did not end by itself.")
    stdout: str = Field(description="What the script printed. The middle of a long output is missing.")
    stderr: str = Field(description="The same for standard error.")
    truncated: Truncated = Field(description="Which outputs are not complete.")
    error: Error | None = Field(description="Why the script failed, null if it did not.")
    artifacts: list[File] = Field(description="The files that the script left behind.")
    artifacts_truncated: bool = Field(description="Whether there may be more files.")
    usage: Usage = Field(description="What the script used.")
    environment: str = Field(description="The set of packages that the script could import.")
    job_id: str | None = Field(description="The job, null if the script was refused.")

    @classmethod
    def of(cls, execution: Execution[Any], files: Sequence[ArtifactInfo]) -> Self:
        """Make it from an execution and those of its artifacts that are the script's own."""
        stdout, stderr = _output(execution.stdout), _output(execution.stderr)
        return cls(
            status=str(execution.status),
            exit_code=execution.exit_code,
            stdout=stdout.text,
            stderr=stderr.text,
            truncated=Truncated(
                stdout=bool(stdout.missing) or execution.truncated.stdout,
                stderr=bool(stderr.missing) or execution.truncated.stderr,
            ),
            error=Error.of(execution.error) if execution.error else None,
            artifacts=[File.of(execution.id, one) for one in files[:FILES]],
            artifacts_truncated=execution.artifacts_truncated or len(files) > FILES,
            usage=Usage(
                wall_ms=execution.usage.wall_ms,
                cpu_ms=execution.usage.cpu_ms,
                memory_peak_bytes=execution.usage.memory_peak_bytes,
                queued_ms=execution.usage.queued_ms,
            ),
            environment=execution.environment,
            job_id=execution.id or None,
        )


def _output(text: str) -> Excerpt:
    return excerpt(text, OUTPUT)
