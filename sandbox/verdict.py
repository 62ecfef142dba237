"""Decide how a job ended, from what was seen of it. Pure; the one place that knows the rules.

What counts, highest first: what the kernel did (memory), what our clocks say (deadline, CPU),
how the process ended (signal), and only then what the runner, which the script owns, claims.
"""

import codecs
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from jobs.limits import RESULT_BYTES, Limits
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage

#: The deepest a result may be nested: every reader down the road must be able to parse it.
RESULT_DEPTH: Final = 100


class Stopped(StrEnum):
    """Why the host ended a job."""

    WALL = "wall"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Output:
    """What came out of a pipe, up to the cap, and whether there was more."""

    kept: bytes = b""
    truncated: bool = False

    @property
    def text(self) -> str:
        """The output as text; a character cut in two by the cap is dropped."""
        if not self.truncated:
            return self.kept.decode(errors="replace")
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        return decoder.decode(self.kept)


@dataclass(frozen=True, slots=True)
class Trace:
    """What a session saw of a job; times in seconds.

    started: whether the script's first byte was reached.
    status: the runner's wait status, None where it was killed with its sandbox.
    report: the runner's report as JSON bytes, None where none arrived whole.
    cpu: CPU time of the job's processes, memory: bytes at the runner's peak; None where nothing told.
    """

    stdout: Output = Output()
    stderr: Output = Output()
    started: bool = True
    status: int | None = None
    report: bytes | None = None
    report_overflow: bool = False
    stopped: Stopped | None = None
    wall: float = 0.0
    cpu: float | None = None
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of a job: its trace, and what the kernel counted (bytes)."""

    trace: Trace
    memory_exceeded: bool = False
    memory_peak: int | None = None


def sound(seen: Observed) -> str | None:
    """Say what went wrong with the sandbox itself; None if the job's end is the job's own."""
    trace = seen.trace
    if trace.stopped or seen.memory_exceeded:
        return None
    if trace.status is None:
        return "the sandbox ended by itself"
    if not trace.started:
        return f"the runner failed before the script: {trace.stderr.text[-2000:]}"
    return None


def decide(seen: Observed, limits: Limits, sandbox: SandboxKind) -> Outcome:
    """Return the outcome of a job with `limits` of which `seen` was seen."""
    trace = seen.trace
    verdict = _verdict(seen, limits, sandbox)
    return Outcome(
        sandbox=sandbox,
        result=None if isinstance(verdict, JobError) else verdict,
        error=verdict if isinstance(verdict, JobError) else None,
        stdout=trace.stdout.text,
        stderr=trace.stderr.text,
        stdout_truncated=trace.stdout.truncated,
        stderr_truncated=trace.stderr.truncated,
        usage=Usage(
            wall_ms=_ms(trace.wall),
            cpu_ms=None if trace.cpu is None else _ms(trace.cpu),
            memory_peak_bytes=seen.memory_peak,
        ),
    )


def _verdict(seen: Observed, limits: Limits, sandbox: SandboxKind) -> JobError | dict[str, Any]:
    trace = seen.trace
    if seen.memory_exceeded:
        return _memory(limits)
    if trace.stopped is Stopped.WALL:
        return JobError(ErrorType.TIMEOUT, f"the job ran longer than its {limits.timeout:g} s")
    if trace.stopped is Stopped.CPU or _out_of_cpu(trace, limits):
        return JobError(ErrorType.TIMEOUT, f"the job used more than its {limits.cpu:g} s of CPU time")
    if (number := _signal(trace.status)) is not None:
        return JobError(ErrorType.KILLED, f"the script was killed by {_signal_name(number)}")
    code = trace.status >> 8 if trace.status is not None else None
    if code != 0 or (trace.report is None and not trace.report_overflow):
        return JobError(ErrorType.EXIT, f"the process ended with status {code} before a result arrived")
    verdict = _claim(trace.report)
    if isinstance(verdict, JobError) and sandbox is SandboxKind.RESTRICTED and _is_memory_error(verdict):
        # There the limit is one of address space: past it the interpreter is refused memory and says so.
        return replace(verdict, type=ErrorType.MEMORY_LIMIT, message=_memory(limits).message)
    return verdict


def _is_memory_error(error: JobError) -> bool:
    return error.type is ErrorType.EXCEPTION and error.message == "MemoryError"


def _memory(limits: Limits) -> JobError:
    return JobError(ErrorType.MEMORY_LIMIT, f"the job used more than its {limits.memory_mb} MB of memory")


def _out_of_cpu(trace: Trace, limits: Limits) -> bool:
    """Say whether the kernel's own limit struck; a script can send itself the same signal."""
    used = trace.cpu is None or trace.cpu >= limits.cpu * 0.9
    return used and _signal(trace.status) == signal.SIGXCPU


def _claim(report: bytes | None) -> JobError | dict[str, Any]:
    """Turn the runner's report, which a script can forge, into a verdict about the script."""
    if report is None:
        return _too_large()
    try:
        claim = json.loads(report, parse_constant=_refuse)
        kind = claim["kind"]
        if kind == "result":
            return _result(claim["result"])
        return _KINDS[kind](claim)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return JobError(ErrorType.INVALID_RESULT, "the report of the result is malformed")


def _result(result: Any) -> JobError | dict[str, Any]:
    if not isinstance(result, dict):
        return JobError(ErrorType.INVALID_RESULT, "main must return a dict")
    # Not the report's own: 1e999 parses as infinity.
    text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    # Half of a surrogate pair is no text that could be answered: a UnicodeEncodeError.
    if len(text.encode()) > RESULT_BYTES:
        return _too_large()
    if _deeper(result, text, RESULT_DEPTH):
        return JobError(
            ErrorType.INVALID_RESULT, f"the result is nested more than {RESULT_DEPTH} levels deep"
        )
    return result


def _deeper(value: Any, text: str, limit: int) -> bool:
    """Say whether a JSON value, whose text is given, is nested deeper than `limit`."""
    if text.count("{") + text.count("[") <= limit:
        return False
    level = [value]
    for _ in range(limit):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def _too_large() -> JobError:
    return JobError(ErrorType.RESULT_TOO_LARGE, f"the result takes more than {RESULT_BYTES} bytes as JSON")


def _exception(claim: dict[str, Any]) -> JobError:
    line, trace = claim["line"], claim["traceback"]
    return JobError(
        ErrorType.EXCEPTION,
        _text(claim["message"]),
        line if type(line) is int and 0 < line < 2**31 else None,
        _text(trace) if isinstance(trace, str) else None,
    )


def _plain(kind: ErrorType) -> Callable[[dict[str, Any]], JobError]:
    return lambda claim: JobError(kind, _text(claim["message"]))


_KINDS: Final[dict[str, Callable[[dict[str, Any]], JobError]]] = {
    "exception": _exception,
    "exit": _plain(ErrorType.EXIT),
    "invalid_result": _plain(ErrorType.INVALID_RESULT),
    "result_too_large": _plain(ErrorType.RESULT_TOO_LARGE),
    "main_not_callable": _plain(ErrorType.MAIN_NOT_CALLABLE),
}


def _text(claimed: Any) -> str:
    """Return a text of the runner's as one that can be answered."""
    return str(claimed).encode(errors="backslashreplace").decode()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON value")


def _signal(status: int | None) -> int | None:
    """Return the signal of a wait status, None if the process exited by itself."""
    return status & 0x7F or None if status is not None else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
