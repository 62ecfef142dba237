"""The summary of a job: what a list of the latest jobs shows. It is read without the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from jobs.environment import STDLIB
from jobs.mode import Mode
from jobs.status import Status

#: The fields of a record's hash that a summary has. `mode` and `environment` are there only if they are not
#: the default, `error` only if the job has failed. Jobs of version 0.2.0 have neither `mode` nor `error`.
FIELDS: Final = ("status", "created_ms", "started_ms", "finished_ms", "environment", "mode", "error")


@dataclass(frozen=True, slots=True)
class Summary:
    """A job without its outcome. Times are milliseconds since the epoch, by the clock of Redis."""

    id: str
    status: Status
    created_ms: int
    started_ms: int | None
    finished_ms: int | None
    environment: str
    mode: Mode
    error: str | None

    @classmethod
    def from_answer(cls, answer: Sequence[str | None]) -> Self:
        """Make a summary from the id of a job and the values of FIELDS."""
        job_id, status, created_ms, started_ms, finished_ms, environment, mode, error = answer
        assert job_id
        assert status
        assert created_ms
        return cls(
            id=job_id,
            status=Status(status),
            created_ms=int(created_ms),
            started_ms=int(started_ms) if started_ms else None,
            finished_ms=int(finished_ms) if finished_ms else None,
            environment=environment or STDLIB,
            mode=Mode(mode or Mode.MAIN),
            error=error,
        )

    @property
    def queued_ms(self) -> int | None:
        """Milliseconds from the submission to the claim, None before the claim."""
        return self.started_ms - self.created_ms if self.started_ms is not None else None

    @property
    def run_ms(self) -> int | None:
        """Milliseconds from the claim to the end, None before the end and if the job never ran."""
        both = self.started_ms is not None and self.finished_ms is not None
        return self.finished_ms - self.started_ms if both else None  # type: ignore[operator]
