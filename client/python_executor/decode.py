"""The JSON of the service, decoded into values."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from python_executor.artifact import ArtifactInfo
from python_executor.errors import (
    AuthenticationFailed,
    Conflict,
    NotFound,
    RequestRefused,
    ScriptRefused,
    ServiceFault,
)
from python_executor.exchange import Answer
from python_executor.execution import ArtifactT, Execution, ScriptError, Status, Truncated, Usage
from python_executor.fields import Fields
from python_executor.service_info import Environment, Health, Package, Worker

T = TypeVar("T")

#: Makes an artifact from the id of its job and its description.
MakeArtifact = Callable[[str, ArtifactInfo], ArtifactT]

#: The types of errors of a script that was not run.
_REFUSED_SCRIPT = frozenset({"syntax_error", "missing_main", "forbidden_import", "forbidden_syntax"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_REFUSALS: Mapping[int, type[RequestRefused]] = {401: AuthenticationFailed, 404: NotFound, 409: Conflict}


def decode(answer: Answer, decoder: Callable[[Fields], T]) -> T:
    """Decode the body of an answer, an object. Raises ServiceFault if it has not the expected form."""
    data = answer.json()
    try:
        return decoder(Fields(data))
    except ValueError as error:
        raise _unexpected(answer, error) from error


def decode_list(answer: Answer, decoder: Callable[[Fields], T]) -> tuple[T, ...]:
    """Decode the body of an answer, a list of objects. Errors as for `decode`."""
    data = answer.json()
    try:
        if not isinstance(data, list):
            raise ValueError(f"a {type(data).__name__} instead of a list")
        return tuple(decoder(Fields(each)) for each in data)
    except ValueError as error:
        raise _unexpected(answer, error) from error


def execution(data: Fields, make_artifact: "MakeArtifact[ArtifactT]") -> "Execution[ArtifactT]":
    """Decode a job object. Fields that this version does not know are left out.

    Raises:
        ValueError: It is none.
    """
    job_id = data.required("id", str)
    if not job_id:
        raise ValueError("id is empty")
    usage = data.fields("usage")
    truncated, error = data.fields("truncated"), data.fields("error")
    return Execution(
        id=job_id,
        status=status(data),
        result=data.optional("result", dict),
        stdout=data.optional("stdout", str) or "",
        stderr=data.optional("stderr", str) or "",
        truncated=_truncated(truncated) if truncated else Truncated(),
        error=script_error(error) if error else None,
        usage=_usage(usage) if usage else Usage(),
        exit_code=data.optional("exit_code", int),
        artifacts=tuple(make_artifact(job_id, _artifact(each)) for each in data.objects("artifacts")),
        artifacts_truncated=data.required("artifacts_truncated", bool),
        environment=data.required("environment", str),
        environment_digest=data.optional("environment_digest", str),
        sandbox=data.optional("sandbox", str),
        limits=_limits(data),
        created_at=_time(data, "created_at"),
        started_at=_time(data, "started_at"),
        finished_at=_time(data, "finished_at"),
    )


def status(data: Fields) -> Status:
    """Decode the status of a job. Raises ValueError for one that no job has."""
    found = Status(data.required("status", str))
    if found is Status.REFUSED:
        raise ValueError("no job has the status refused")
    return found


def script_error(data: Fields) -> ScriptError:
    """Decode the `error` of a job or of a refused script."""
    return ScriptError(
        data.required("type", str),
        data.required("message", str),
        data.optional("line", int),
        data.optional("column", int),
        data.optional("traceback", str),
    )


def refusal(answer: Answer) -> RequestRefused:
    """Decode an answer that refuses a request. Raises ServiceFault if it is none of the service's."""

    def decoder(data: Fields) -> RequestRefused:
        error = data.fields("error")
        if error is None:
            raise ValueError("error is missing")
        kind, message = error.required("type", str), error.required("message", str)
        if kind in _REFUSED_SCRIPT:
            return ScriptRefused(answer.status, script_error(error))
        refused = _REFUSALS.get(answer.status, RequestRefused)
        return refused(answer.status, kind, message, error.optional("field", str))

    return decode(answer, decoder)


def environment(data: Fields) -> Environment:
    """Decode an environment."""
    return Environment(
        name=data.required("name", str),
        python=data.required("python", str),
        digest=data.optional("digest", str),
        packages=tuple(
            Package(each.required("name", str), each.required("version", str), each.required("license", str))
            for each in data.objects("packages")
        ),
        modules=data.texts("modules"),
        preloaded=data.texts("preloaded"),
    )


def ceilings(data: Fields) -> dict[str, float]:
    """Decode the ceilings of limits, which the OpenAPI document has."""
    for name in ("components", "schemas", "AskedLimits"):
        data = Fields(data.required(name, dict))
    found = {}
    for name, limit in data.required("properties", dict).items():
        choices = (choice.number("maximum") for choice in Fields(limit).objects("anyOf"))
        ceiling = next((maximum for maximum in choices if maximum is not None), None)
        if ceiling is None:
            raise ValueError(f"{name} has no maximum")
        found[name] = ceiling
    return found


def health(data: Fields) -> Health:
    """Decode the answer of /health/ready."""
    workers = tuple(
        Worker(
            each.required("id", str),
            each.required("sandbox", str),
            each.required("detail", str),
            each.texts("environments"),
        )
        for each in data.objects("workers")
    )
    return Health(ready=True, reason="", workers=workers)


def _artifact(data: Fields) -> ArtifactInfo:
    path = data.required("path", str)
    # The path becomes one of a URL, and of a file: it must not lead out of either. The service checks the
    # same, so this refuses no name that a script can choose.
    path.encode()
    if any(part in ("", ".", "..") for part in path.split("/")) or _CONTROL.search(path):
        raise ValueError(f"an artifact has the path {path!r}")
    dropped = data.optional("dropped", bool) or False
    sha256 = data.optional("sha256", str)
    if sha256 is None and not dropped:
        raise ValueError("sha256 is missing")
    size = data.required("size", int)
    return ArtifactInfo(path, data.required("media_type", str), size, sha256, dropped)


def _truncated(data: Fields) -> Truncated:
    return Truncated(data.required("stdout", bool), data.required("stderr", bool))


def _usage(data: Fields) -> Usage:
    return Usage(
        data.number("wall_ms"),
        data.number("cpu_ms"),
        data.optional("memory_peak_bytes", int),
        data.number("queued_ms"),
    )


def _limits(data: Fields) -> dict[str, float] | None:
    limits = data.optional("limits", dict)
    if limits is None:
        return None
    found = Fields(limits)
    return {name: value for name in limits if (value := found.number(name)) is not None}


def _time(data: Fields, name: str) -> datetime | None:
    text = data.optional(name, str)
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return time


def _unexpected(answer: Answer, error: ValueError) -> ServiceFault:
    said = f"the answer with status {answer.status} has not the expected form: {error}"
    return ServiceFault(f"{said}; is this the service?", status=answer.status)
