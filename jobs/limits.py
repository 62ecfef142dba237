"""What a job may use."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

MB: Final = 1024 * 1024

#: Fixed for every job (bytes, and a number of files).
TMP_BYTES: Final = 64 * MB
TMP_FILES: Final = 4096
OUTPUT_BYTES: Final = 1 * MB
RESULT_BYTES: Final = 1 * MB
REQUEST_BYTES: Final = 1 * MB


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one job.

    timeout: seconds of wall time, counted from the hand-over to the sandbox.
    cpu: seconds of CPU time of all the job's processes together.
    memory_mb: MiB of memory of all its processes and its /tmp together.
    processes: processes and threads alive at once.
    """

    timeout: float = 5.0
    cpu: float = 5.0
    memory_mb: int = 256
    processes: int = 32

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value <= 0:
                raise ValueError(f"{field.name} must be a positive number, not {value!r}")

    def to_wire(self) -> dict[str, Any]:
        """Return the limits as a JSON object."""
        return asdict(self)

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> Self:
        """Make limits of what `to_wire` returned."""
        return cls(**wire)


#: The least memory a job can be given: the interpreter itself takes more than half of it.
MEMORY_MB_LEAST: Final = 16
