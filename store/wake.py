"""Wake-ups: what arrives on a reply list once a job is final."""

import json
from dataclasses import dataclass
from typing import Self

from store.record import Record


@dataclass(frozen=True, slots=True)
class Wake:
    """A job is final. record: as it is for good, None where it is too large to be sent along."""

    job_id: str
    record: Record | None

    @classmethod
    def from_list(cls, text: str | bytes) -> Self:
        """Make a wake-up of what was on a reply list: the id and, if sent along, what is told of the job."""
        job_id, *rest = json.loads(text)
        # To Lua a field that is not there is false.
        told = [[field or None for field in fields] for fields in rest]
        return cls(job_id, Record.from_told(job_id, told[0]) if told else None)
