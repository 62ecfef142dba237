"""The record of a job, as clients may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from jobs.environment import STDLIB
from jobs.limits import Limits
from jobs.status import Status
from store.serialisation import decode_limits, decode_outcome
from store.stored_outcome import StoredOutcome

#: The public fields of a record's hash. Only workers read the field `job`, which can have a megabyte.
FIELDS: Final = ("status", "limits", "created_ms", "started_ms", "finished_ms", "environment", "outcome")


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one job. Times are milliseconds since the epoch, by the clock of Redis."""

    id: str
    status: Status
    limits: Limits
    created_ms: int
    started_ms: int | None = None
    finished_ms: int | None = None
    outcome: StoredOutcome | None = None
    environment: str = STDLIB

    @classmethod
    def from_fields(cls, job_id: str, values: Sequence[bytes | None]) -> Self:
        """Make a record from the values of FIELDS in its Redis hash."""
        status, limits, created_ms, started_ms, finished_ms, environment, outcome = values
        assert status
        assert limits
        assert created_ms
        return cls(
            id=job_id,
            status=Status(status.decode()),
            limits=decode_limits(limits.decode()),
            created_ms=int(created_ms),
            started_ms=int(started_ms) if started_ms else None,
            finished_ms=int(finished_ms) if finished_ms else None,
            outcome=decode_outcome(outcome) if outcome else None,
            environment=environment.decode() if environment else STDLIB,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    Attributes:
        records: The records, in order.
        unknown: The requested ids that name no job of the owner.
        cursor: The position after which the next page begins, '' on the last page.
    """

    records: list[Record]
    unknown: list[str]
    cursor: str
