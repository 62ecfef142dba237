"""Observations of a job: the facts from which the verdict decides the outcome. Pure values."""

import codecs
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jobs.files import Artifact
from jobs.json_text import shorten
from jobs.limits import MB, OUTPUT_BYTES

#: The bytes that count as the memory of a job's interpreter. The true figure cannot be measured: a runner
#: shares most of its pages with the process that it was forked from.
INTERPRETER_BYTES: Final = 8 * MB


class StopReason(StrEnum):
    """Why the worker killed a job: the limit that it reached."""

    WALL = "wall"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Output:
    """The bytes of an output up to the cap, and whether the output was longer."""

    kept: bytes = b""
    truncated: bool = False

    def to_text(self) -> tuple[str, bool]:
        """Return the output as text of at most OUTPUT_BYTES, and whether a part is missing.

        A byte that is not UTF-8 becomes U+FFFD, which takes three bytes. A last character that the cap cut in
        two is left out.
        """
        if not self.kept:
            return "", self.truncated
        # Without a final flush, the decoder keeps an incomplete last character to itself.
        whole = codecs.getincrementaldecoder("utf-8")("replace").decode(self.kept, not self.truncated)
        text = shorten(whole, OUTPUT_BYTES)
        return text, self.truncated or len(text) < len(whole)


@dataclass(frozen=True, slots=True)
class Trace:
    """The observations of a session about its job.

    Attributes:
        stdout: Standard output.
        stderr: Standard error.
        started: Whether the runner sent STARTED. Every later fault is the script's.
        status: The runner's wait status, None if no init reported it.
        report: The runner's report as JSON bytes, None if no complete report arrived.
        report_overflow: Whether a report arrived that exceeds the cap.
        stop_reason: The limit at which the worker killed the job, None if it did not.
        wall: Seconds of wall time.
        cpu: Seconds of CPU time of all processes, plus the worker's for the job; None if not measured.
        memory: Bytes at the runner's peak beyond those that it shares with its init, None if not measured.
        artifacts: The files that the client asked for, sorted by path.
        artifacts_truncated: Whether there may be more such files than `artifacts` lists.
    """

    stdout: Output = Output()
    stderr: Output = Output()
    started: bool = True
    status: int | None = None
    report: bytes | None = None
    report_overflow: bool = False
    stop_reason: StopReason | None = None
    wall: float = 0.0
    cpu: float | None = None
    memory: int | None = None
    artifacts: tuple[Artifact, ...] = ()
    artifacts_truncated: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """The observations of a sandbox about a job.

    Attributes:
        trace: The observations of the session.
        memory_exceeded: Whether the kernel killed a process at the memory limit.
        memory_peak: The most bytes in use at once, the interpreter included; None if not measured.
    """

    trace: Trace
    memory_exceeded: bool = False
    memory_peak: int | None = None
