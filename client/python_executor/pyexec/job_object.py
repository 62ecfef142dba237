"""The job object of the service, made again from an execution."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from python_executor.artifact import ArtifactInfo
from python_executor.execution import Execution, ScriptError


def job_object(execution: Execution[Any]) -> Mapping[str, Any]:
    """Return the fields in the order of the service. A refused script has the id null."""
    return {
        "id": execution.id or None,
        "status": str(execution.status),
        "result": execution.result,
        "stdout": execution.stdout,
        "stderr": execution.stderr,
        "truncated": asdict(execution.truncated),
        "error": _error(execution.error) if execution.error else None,
        "usage": asdict(execution.usage),
        "exit_code": execution.exit_code,
        "artifacts": [_artifact(one) for one in execution.artifacts],
        "artifacts_truncated": execution.artifacts_truncated,
        "environment": execution.environment,
        "environment_digest": execution.environment_digest,
        "sandbox": execution.sandbox,
        "limits": execution.limits,
        "created_at": _time(execution.created_at),
        "started_at": _time(execution.started_at),
        "finished_at": _time(execution.finished_at),
    }


def _error(error: ScriptError) -> dict[str, Any]:
    # Only a refused script has a column.
    return {name: value for name, value in asdict(error).items() if name != "column" or value is not None}


def _artifact(one: ArtifactInfo) -> dict[str, Any]:
    fields = {"path": one.path, "media_type": one.media_type, "size": one.size, "sha256": one.sha256}
    return fields | ({"dropped": True} if one.dropped else {})


def _time(value: datetime | None) -> str | None:
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None
