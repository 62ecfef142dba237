"""A job's record as Redis holds it, and the one public representation made of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

from jobs.limits import Limits
from jobs.outcome import Outcome
from jobs.status import Status

#: The fields of a record's hash that are read back; the job itself, up to a megabyte, is the worker's alone.
FIELDS: Final = ("status", "limits", "created_ms", "started_ms", "finished_ms", "outcome")


@dataclass(frozen=True, slots=True)
class Record:
    """One job's record. Times are milliseconds since the epoch, by the clock of Redis."""

    id: str
    status: Status
    limits: Limits
    created_ms: int
    started_ms: int | None = None
    finished_ms: int | None = None
    outcome: Outcome | None = None

    @classmethod
    def from_told(cls, job_id: str, told: Sequence[str | None]) -> Self:
        """Make a record of the values of FIELDS in its Redis hash."""
        status, limits, created_ms, started_ms, finished_ms, outcome = told
        assert status
        assert limits
        assert created_ms
        return cls(
            id=job_id,
            status=Status(status),
            limits=Limits.from_wire(json.loads(limits)),
            created_ms=int(created_ms),
            started_ms=_int(started_ms),
            finished_ms=_int(finished_ms),
            outcome=Outcome.from_wire(json.loads(outcome)) if outcome else None,
        )

    def to_public(self) -> dict[str, Any]:
        """Return the job object that every answer about a job is."""
        ran = self.outcome.to_wire() if self.outcome else _NOT_YET
        queued_ms = self.started_ms - self.created_ms if self.started_ms is not None else None
        return {
            "id": self.id,
            "status": self.status,
            **ran,
            "usage": {**ran["usage"], "queued_ms": queued_ms},
            "limits": self.limits.to_wire(),
            "created_at": _rfc3339(self.created_ms),
            "started_at": _rfc3339(self.started_ms),
            "finished_at": _rfc3339(self.finished_ms),
        }


_NOT_YET: Final[dict[str, Any]] = {
    "result": None,
    "stdout": None,
    "stderr": None,
    "truncated": {"stdout": False, "stderr": False},
    "error": None,
    "usage": {"wall_ms": None, "cpu_ms": None, "memory_peak_bytes": None},
    "sandbox": None,
}


def _int(text: str | None) -> int | None:
    return int(text) if text else None


def _rfc3339(ms: int | None) -> str | None:
    if ms is None:
        return None
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
