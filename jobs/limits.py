"""The limits of a job."""

import math
from dataclasses import dataclass, fields
from typing import Final

MB: Final = 1024 * 1024

#: The limits that are fixed for every job, in bytes; TMP_FILES is a number of files. Outputs count in UTF-8,
#: the result as JSON.
TMP_BYTES: Final = 64 * MB
TMP_FILES: Final = 4096
OUTPUT_BYTES: Final = 1 * MB
RESULT_BYTES: Final = 1 * MB
REQUEST_BYTES: Final = 1 * MB

#: The most bytes of a request with its files: 8 MB of them in base64 take 10.7 MB. REQUEST_BYTES bounds
#: everything but their contents.
BODY_BYTES: Final = 12 * MB

#: The most arguments of a program, and the most bytes in UTF-8 of all of them together.
ARGV_STRINGS: Final = 64
ARGV_BYTES: Final = 32 * 1024

#: The most files that a request may send, and the most bytes of all of them together.
FILES: Final = 64
FILES_BYTES: Final = 8 * MB

#: The most artifacts that are kept, and the most bytes of all of them together.
ARTIFACTS: Final = 32
ARTIFACTS_BYTES: Final = 8 * MB

#: The most artifacts that an outcome lists, the dropped ones included.
ARTIFACTS_LISTED: Final = 256

#: The most patterns of artifacts, and the most bytes in UTF-8 of each.
PATTERNS: Final = 32
PATTERN_BYTES: Final = 256

#: The most bytes in UTF-8 of the path of a file and of each of its parts, and the most parts.
PATH_BYTES: Final = 1024
PATH_PART_BYTES: Final = 255
PATH_DEPTH: Final = 16

#: The most bytes in UTF-8 of an error's message and of a traceback.
MESSAGE_BYTES: Final = 16 * 1024
TRACEBACK_BYTES: Final = 128 * 1024

#: The smallest memory limit of a job, in MiB. The interpreter itself takes more than half of it.
MEMORY_MB_LEAST: Final = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one job.

    Attributes:
        timeout: Seconds of wall time, counted from the hand-over to the sandbox.
        cpu: Seconds of CPU time of all processes of the job together.
        memory_mb: MiB of memory of all its processes and its /tmp together.
        processes: Processes and threads alive at once.
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
