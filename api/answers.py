"""What the API answers, as the OpenAPI document tells it."""

from typing import Annotated, Any, Final, Literal

from flask_openapi3.types import ResponseDict
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from api.errors import RETRY_AFTER
from records.record import Status
from sandbox.outcome import ErrorType, SandboxKind

SCHEMAS: Final = "#/components/schemas/"


class Truncated(BaseModel):
    """Which output was longer than what is kept."""

    stdout: Annotated[bool, Field(description="The rest of stdout was dropped.")]
    stderr: Annotated[bool, Field(description="The rest of stderr was dropped.")]


class JobError(BaseModel):
    """Why a job failed."""

    type: Annotated[ErrorType, Field(description="The reason; nothing else says it.")]
    message: Annotated[str, Field(description="The reason for a person.")]
    line: Annotated[int | None, Field(description="The line of the script, counted from 1.")]
    traceback: Annotated[str | None, Field(description="The script's own frames.")]


class Usage(BaseModel):
    """What a job used; null where it is not known."""

    wall_ms: Annotated[float | None, Field(description="Milliseconds from the hand-over to the end.")]
    cpu_ms: Annotated[float | None, Field(description="Milliseconds of CPU time.")]
    memory_peak_bytes: Annotated[int | None, Field(description="The most memory in use at once, in bytes.")]
    queued_ms: Annotated[float | None, Field(description="Milliseconds from the request to a worker.")]


class JobLimits(BaseModel):
    """What a job may use."""

    timeout: Annotated[float, Field(description="Seconds of wall time.")]
    cpu: Annotated[float, Field(description="Seconds of CPU time.")]
    memory_mb: Annotated[int, Field(description="MiB of memory.")]
    processes: Annotated[int, Field(description="Processes and threads alive at once.")]


_Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Job(BaseModel):
    """A job. Fields without a value are null."""

    id: Annotated[str, Field(description="The id, for `GET /jobs/{id}`.")]
    status: Annotated[Status, Field(description="Where the job stands.")]
    result: Annotated[dict[str, Any] | None, Field(description="What `main()` returned.")]
    stdout: Annotated[str | None, Field(description="What the script printed.")]
    stderr: Annotated[str | None, Field(description="What the script printed to standard error.")]
    truncated: Annotated[Truncated, Field(description="Which output was cut.")]
    error: Annotated[JobError | None, Field(description="Why the job failed.")]
    usage: Annotated[Usage, Field(description="What the job used.")]
    sandbox: Annotated[SandboxKind | None, Field(description="The isolation the job had.")]
    limits: Annotated[JobLimits, Field(description="What the job may use.")]
    created_at: Annotated[_Moment, Field(description="When the request came.")]
    started_at: Annotated[_Moment | None, Field(description="When a worker took the job.")]
    finished_at: Annotated[_Moment | None, Field(description="When the job became final.")]


def _no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Problem(BaseModel):
    """Why a request was refused; a field that says nothing is left out."""

    type: Annotated[str, Field(description="The reason, for programs.")]
    message: Annotated[str, Field(description="The reason, for a person: one line.")]
    field: Annotated[
        str,
        Field(
            description="The part of the request that is wrong, as a dotted path.",
            json_schema_extra=_no_default,
        ),
    ] = ""
    line: Annotated[
        int, Field(description="The line of the script, counted from 1.", json_schema_extra=_no_default)
    ] = 0
    column: Annotated[
        int, Field(description="The column of that line, counted from 1.", json_schema_extra=_no_default)
    ] = 0
    name: Annotated[
        str, Field(description="The module that must not be imported.", json_schema_extra=_no_default)
    ] = ""


class Error(BaseModel):
    """The body of every error."""

    error: Annotated[Problem, Field(description="What went wrong.")]


class Live(BaseModel):
    """The process serves requests."""

    status: Annotated[Literal["ok"], Field(description="Always `ok`.")]


class Consumer(BaseModel):
    """A worker that consumes."""

    id: Annotated[str, Field(description="The worker's name.")]
    sandbox: Annotated[str, Field(description="The sandbox it runs jobs in.")]
    detail: Annotated[str, Field(description="What isolation its jobs have.")]


class Ready(BaseModel):
    """Jobs are being run."""

    status: Annotated[Literal["ready"], Field(description="Always `ready`.")]
    workers: Annotated[list[Consumer], Field(description="The workers that consume, at least one.")]


def schemas() -> dict[str, Any]:
    """Return the JSON schema of every answer, by name."""
    models: list[type[BaseModel]] = [Job, Error, Live, Ready]
    _, schema = models_json_schema(
        [(model, "serialization") for model in models], ref_template=SCHEMAS + "{model}"
    )
    found: dict[str, Any] = schema["$defs"]
    return found


def ok(model: type[BaseModel], description: str, example: dict[str, Any], **headers: str) -> dict[str, Any]:
    """Return the OpenAPI response with a body of `model`; headers: what each one says."""
    return {
        "description": description,
        "headers": {
            name: {"description": text, "required": True, "schema": {"type": "string"}}
            for name, text in headers.items()
        },
        "content": {"application/json": {"schema": {"$ref": SCHEMAS + model.__name__}, "example": example}},
    }


def problem(description: str, type: str, message: str, **more: Any) -> dict[str, Any]:
    """Return the OpenAPI response of an error."""
    return ok(Error, description, {"error": {"type": type, "message": message, **more}})


#: The answers any call may get, those of calls with a body, and those of calls that need Redis.
ANY: Final[ResponseDict] = {
    405: ok(
        Error,
        "The path does not take this method.",
        {"error": {"type": "method_not_allowed", "message": "this path does not take this method"}},
        Allow="The methods it takes.",
    ),
    500: problem(
        "The service failed.", "internal_error", "the service failed; this is not the request's fault"
    ),
}
WITH_BODY: Final[ResponseDict] = {
    400: problem(
        "The request or its script was refused before it was queued: `invalid_request`, `syntax_error`, "
        "`missing_main`, `forbidden_import` or `forbidden_syntax`.",
        "syntax_error",
        "'(' was never closed",
        line=2,
        column=10,
    ),
    413: problem("The body is too large.", "too_large", "the body is larger than 1048576 bytes"),
    415: problem("The body is not JSON.", "unsupported_media_type", "the body must be JSON"),
}
WITH_REDIS: Final[ResponseDict] = {
    503: ok(
        Error,
        "Redis or the workers are away.",
        {"error": {"type": "unavailable", "message": "Redis does not answer"}},
        **{"Retry-After": f"Seconds after which to try again: {RETRY_AFTER}."},
    )
}

QUEUED_JOB: Final[dict[str, Any]] = {
    "id": "5f0c9d2ab7a44f6c8a4ce0f4d1a7c3e1",
    "status": "queued",
    "result": None,
    "stdout": None,
    "stderr": None,
    "truncated": {"stdout": False, "stderr": False},
    "error": None,
    "usage": {"wall_ms": None, "cpu_ms": None, "memory_peak_bytes": None, "queued_ms": None},
    "sandbox": None,
    "limits": {"timeout": 5.0, "cpu": 5.0, "memory_mb": 256, "processes": 32},
    "created_at": "2026-01-31T12:00:00.000Z",
    "started_at": None,
    "finished_at": None,
}
SUCCEEDED_JOB: Final[dict[str, Any]] = {
    **QUEUED_JOB,
    "status": "succeeded",
    "result": {"ok": True},
    "stdout": "hi\n",
    "stderr": "",
    "usage": {"wall_ms": 1.9, "cpu_ms": 1.1, "memory_peak_bytes": 9437184, "queued_ms": 2},
    "sandbox": "nsjail",
    "started_at": "2026-01-31T12:00:00.002Z",
    "finished_at": "2026-01-31T12:00:00.004Z",
}
FAILED_JOB: Final[dict[str, Any]] = {
    **SUCCEEDED_JOB,
    "status": "failed",
    "result": None,
    "error": {
        "type": "exception",
        "message": "ZeroDivisionError: division by zero",
        "line": 2,
        "traceback": 'Traceback (most recent call last):\n  File "script.py", line 2, in main\n'
        "ZeroDivisionError: division by zero\n",
    },
}
