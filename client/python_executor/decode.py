"""The JSON of the service, decoded into values."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

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
from python_executor.service_info import Environment, Health, Package, Worker

#: Makes an artifact from the id of its job and what the service says of it.
MakeArtifact = Callable[[str, Mapping[str, Any]], ArtifactT]

#: The types of errors of a script that was not run.
_REFUSED_SCRIPT = frozenset({"syntax_error", "missing_main", "forbidden_import", "forbidden_syntax"})

_REFUSALS: Mapping[int, type[RequestRefused]] = {401: AuthenticationFailed, 404: NotFound, 409: Conflict}


def decode(answer: Answer, decoder: Callable[[Any], Any]) -> Any:
    """Decode the body of an answer. Raises ServiceFault if it has not the expected form."""
    data = answer.json()
    try:
        return decoder(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"the answer with status {answer.status} has not the expected form: {error!r}"
        raise ServiceFault(f"{said}; is this the service?", status=answer.status) from error


def execution(data: Mapping[str, Any], make_artifact: "MakeArtifact[ArtifactT]") -> "Execution[ArtifactT]":
    """Decode a job object. Fields that this version does not know are left out."""
    job_id = str(data["id"])
    usage, truncated = data["usage"], data["truncated"]
    return Execution(
        id=job_id,
        status=Status(data["status"]),
        result=data["result"],
        stdout=data["stdout"] or "",
        stderr=data["stderr"] or "",
        truncated=Truncated(truncated["stdout"], truncated["stderr"]),
        error=script_error(data["error"]) if data["error"] else None,
        usage=Usage(*(usage.get(name) for name in Usage.__dataclass_fields__)),
        exit_code=data["exit_code"],
        artifacts=tuple(make_artifact(job_id, each) for each in data["artifacts"]),
        artifacts_truncated=data["artifacts_truncated"],
        environment=data["environment"],
        environment_digest=data["environment_digest"],
        sandbox=data["sandbox"],
        limits=data["limits"],
        created_at=_time(data["created_at"]),
        started_at=_time(data["started_at"]),
        finished_at=_time(data["finished_at"]),
    )


def script_error(data: Mapping[str, Any]) -> ScriptError:
    """Decode the `error` of a job or of a refused script."""
    return ScriptError(
        data["type"], data["message"], data.get("line"), data.get("column"), data.get("traceback")
    )


def refusal(answer: Answer) -> RequestRefused:
    """Decode an answer that refuses a request. Raises ServiceFault if it is none of the service's."""

    def decoder(data: Mapping[str, Any]) -> RequestRefused:
        error = data["error"]
        if error["type"] in _REFUSED_SCRIPT:
            return ScriptRefused(answer.status, script_error(error))
        kind = _REFUSALS.get(answer.status, RequestRefused)
        return kind(answer.status, error["type"], error["message"], error.get("field"))

    decoded: RequestRefused = decode(answer, decoder)
    return decoded


def environments(data: Any) -> tuple[Environment, ...]:
    """Decode the list of environments."""
    return tuple(
        Environment(
            each["name"],
            each["python"],
            each["digest"],
            tuple(Package(one["name"], one["version"], one["license"]) for one in each["packages"]),
            tuple(each["modules"]),
            tuple(each["preloaded"]),
        )
        for each in data
    )


def ceilings(data: Mapping[str, Any]) -> dict[str, float]:
    """Decode the ceilings of limits, which the OpenAPI document has."""
    limits = data["components"]["schemas"]["AskedLimits"]["properties"]
    found = {}
    for name, asked in limits.items():
        found[name] = next(choice["maximum"] for choice in asked["anyOf"] if "maximum" in choice)
    return found


def health(data: Mapping[str, Any]) -> Health:
    """Decode the answer of /health/ready."""
    if "error" in data:
        return Health(ready=False, reason=data["error"]["message"], workers=())
    workers = (
        Worker(each["id"], each["sandbox"], each["detail"], tuple(each["environments"]))
        for each in data["workers"]
    )
    return Health(ready=True, reason="", workers=tuple(workers))


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
