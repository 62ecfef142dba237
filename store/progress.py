"""The progress of a job, as a client follows it while the job runs."""

from dataclasses import dataclass
from typing import Final

from jobs.status import Status
from jobs.stream import Stream
from store.record import Record

#: The most bytes in UTF-8 of a chunk.
CHUNK_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Position:
    """How much of a job's output a client has. Bytes count in UTF-8.

    Attributes:
        run: The number of the run that wrote the output, 0 before the first. A job runs again if its worker
            or its sandbox failed. The number grows whenever the output so far becomes void.
        stdout: Bytes of standard output.
        stderr: Bytes of standard error.
    """

    run: int = 0
    stdout: int = 0
    stderr: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an output.

    Attributes:
        stream: The output.
        offset: Bytes of the same output before this piece.
        text: The piece.
    """

    stream: Stream
    offset: int
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a job, and its output after a position.

    Attributes:
        status: The state of the job.
        run: The number of the current run, 0 before the first. It stays 0 for most jobs whose output is not
            streamed.
        chunks: The output after the position, in the order in which it was written. From the beginning if the
            position is of an earlier run. Empty if the job is final: its record has the output.
        more: Whether there is more output than `chunks`.
        record: The record of a final job, None of others.
    """

    status: Status
    run: int
    chunks: tuple[Chunk, ...] = ()
    more: bool = False
    record: Record | None = None
