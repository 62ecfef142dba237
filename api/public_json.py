"""The job object: the public JSON of a job, the same in every answer about it."""

from datetime import UTC, datetime
from typing import Any, Final

from api.media_types import media_type
from jobs.files import Artifact
from store.record import Record
from store.stored_outcome import StoredOutcome

#: The outcome's fields in the object of a job that has no outcome.
_NO_OUTCOME: Final[dict[str, Any]] = {
    "result": None,
    "stdout": None,
    "stderr": None,
    "truncated": {"stdout": False, "stderr": False},
    "error": None,
}


def job_object(record: Record) -> dict[str, Any]:
    """Return the job object of a record. Fields without a value are null."""
    outcome, limits = record.outcome, record.limits
    queued_ms = record.started_ms - record.created_ms if record.started_ms is not None else None
    usage = outcome.usage if outcome else None
    return {
        "id": record.id,
        "status": record.status,
        **(_outcome_fields(outcome) if outcome else _NO_OUTCOME),
        "usage": {
            "wall_ms": usage.wall_ms if usage else None,
            "cpu_ms": usage.cpu_ms if usage else None,
            "memory_peak_bytes": usage.memory_peak_bytes if usage else None,
            "queued_ms": queued_ms,
        },
        "exit_code": outcome.exit_code if outcome else None,
        "artifacts": [_artifact(one) for one in outcome.artifacts] if outcome else [],
        "artifacts_truncated": outcome.artifacts_truncated if outcome else False,
        "environment": record.environment,
        "environment_digest": outcome.environment_digest if outcome else None,
        "sandbox": outcome.sandbox if outcome else None,
        "limits": {
            "timeout": limits.timeout,
            "cpu": limits.cpu,
            "memory_mb": limits.memory_mb,
            "processes": limits.processes,
        },
        "created_at": rfc3339(record.created_ms),
        "started_at": rfc3339(record.started_ms),
        "finished_at": rfc3339(record.finished_ms),
    }


def _outcome_fields(outcome: StoredOutcome) -> dict[str, Any]:
    error = outcome.error
    return {
        "result": outcome.result,
        "stdout": outcome.stdout,
        "stderr": outcome.stderr,
        "truncated": {"stdout": outcome.stdout_truncated, "stderr": outcome.stderr_truncated},
        "error": error
        and {
            "type": error.type,
            "message": error.message,
            "line": error.line,
            "traceback": error.traceback,
        },
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {
        "path": artifact.path,
        "media_type": media_type(artifact.path),
        "size": artifact.size,
        "sha256": artifact.sha256,
        **({"dropped": True} if artifact.dropped else {}),
    }


def rfc3339(ms: int | None) -> str | None:
    """Return a time in milliseconds since the epoch as text, null for None."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
