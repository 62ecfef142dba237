"""Decide the outcome of a job from the worker's observations. Pure functions; all rules are in this module.

The first of these rules that applies decides:
    1. the kernel killed a process at the memory limit
    2. the worker's clocks passed the deadline or the CPU limit
    3. a signal killed the process, or its exit status is not 0
    4. the runner's report, which the script can forge
"""

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from jobs.json_text import shorten
from jobs.limits import MESSAGE_BYTES, RESULT_BYTES, TRACEBACK_BYTES, Limits
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from sandbox.guest.json_fault import RESULT_DEPTH
from sandbox.observation import Observation, StopReason, Trace


def find_sandbox_fault(observation: Observation) -> str | None:
    """Return the fault of the sandbox itself, None if the script ended or a limit stopped it."""
    trace = observation.trace
    if trace.stop_reason or observation.memory_exceeded:
        return None
    if trace.status is None:
        return "the sandbox ended unexpectedly"
    if not trace.started:
        return f"the runner failed before the script: {trace.stderr.to_text()[0][-2000:]}"
    return None


def decide(
    observation: Observation,
    limits: Limits,
    sandbox: SandboxKind,
    cpu_clock: Callable[[], float] = lambda: 0.0,
) -> Outcome:
    """Return the outcome of a job.

    Args:
        observation: The observations about the job.
        limits: The limits that it had.
        sandbox: The kind of sandbox that it ran in.
        cpu_clock: Returns the CPU seconds of this thread. The time to read the report counts as the job's,
            because the script decides how much it is.
    """
    trace = observation.trace
    started = cpu_clock()
    verdict = _verdict(observation, limits, sandbox)
    stdout, stdout_truncated = trace.stdout.to_text()
    stderr, stderr_truncated = trace.stderr.to_text()
    own_cpu = cpu_clock() - started
    return Outcome(
        sandbox=sandbox,
        result=None if isinstance(verdict, JobError) else verdict,
        error=verdict if isinstance(verdict, JobError) else None,
        stdout=stdout,
        stderr=stderr,
        stdout_truncated=stdout_truncated,
        stderr_truncated=stderr_truncated,
        usage=Usage(
            wall_ms=_ms(trace.wall),
            cpu_ms=None if trace.cpu is None else _ms(trace.cpu + own_cpu),
            memory_peak_bytes=observation.memory_peak,
        ),
    )


def _verdict(observation: Observation, limits: Limits, sandbox: SandboxKind) -> JobError | dict[str, Any]:
    trace = observation.trace
    if observation.memory_exceeded:
        return _memory_limit(limits)
    if trace.stop_reason is StopReason.WALL:
        return JobError(ErrorType.TIMEOUT, f"the job ran longer than its {limits.timeout:g} s")
    if trace.stop_reason is StopReason.CPU or _killed_at_cpu_limit(trace, limits):
        return JobError(ErrorType.TIMEOUT, f"the job used more than its {limits.cpu:g} s of CPU time")
    if (number := _signal(trace.status)) is not None:
        return JobError(ErrorType.KILLED, f"the script was killed by {_signal_name(number)}")
    code = trace.status >> 8 if trace.status is not None else None
    if code != 0 or (trace.report is None and not trace.report_overflow):
        return JobError(ErrorType.EXIT, f"the process ended with status {code} before a result arrived")
    verdict = _read_report(trace.report)
    if isinstance(verdict, JobError) and sandbox is SandboxKind.RESTRICTED and _is_memory_error(verdict):
        # The restricted executor limits the address space. Past the limit, the interpreter raises
        # MemoryError.
        return replace(verdict, type=ErrorType.MEMORY_LIMIT, message=_memory_limit(limits).message)
    return verdict


def _is_memory_error(error: JobError) -> bool:
    return error.type is ErrorType.EXCEPTION and error.message == "MemoryError"


def _memory_limit(limits: Limits) -> JobError:
    return JobError(ErrorType.MEMORY_LIMIT, f"the job used more than its {limits.memory_mb} MB of memory")


def _killed_at_cpu_limit(trace: Trace, limits: Limits) -> bool:
    """Return whether the kernel's CPU limit killed the script. A script can also send itself that signal."""
    used_up = trace.cpu is None or trace.cpu >= limits.cpu * 0.9
    return used_up and _signal(trace.status) == signal.SIGXCPU


def _read_report(report: bytes | None) -> JobError | dict[str, Any]:
    """Return the verdict in a runner's report, which the script can forge."""
    if report is None:
        return _result_too_large()
    try:
        claim = json.loads(report, parse_constant=_refuse_constant)
        kind = claim["kind"]
        if kind == "result":
            return _result(claim["result"])
        return _ERRORS[kind](claim)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return JobError(ErrorType.INVALID_RESULT, "the report of the result is malformed")


def _result(result: Any) -> JobError | dict[str, Any]:
    if not isinstance(result, dict):
        return JobError(ErrorType.INVALID_RESULT, "main must return a dict")
    # Encode it again: in a report, 1e999 parses as infinity.
    text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    # Half of a surrogate pair raises UnicodeEncodeError here: no JSON answer could contain it.
    size = len(text.encode())
    if size > RESULT_BYTES:
        return _result_too_large(size)
    if _is_deeper(result, text, RESULT_DEPTH):
        return JobError(
            ErrorType.INVALID_RESULT, f"the result is nested more than {RESULT_DEPTH} levels deep"
        )
    return result


def _is_deeper(value: Any, text: str, limit: int) -> bool:
    """Return whether a JSON value, given with its text, has more than `limit` levels."""
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


def _result_too_large(size: object = None) -> JobError:
    """Return the error for a result of `size` bytes, if `size` is a credible number."""
    taken = size if type(size) is int and size > RESULT_BYTES else "too many"
    return JobError(
        ErrorType.RESULT_TOO_LARGE,
        f"the result takes {taken} bytes as JSON; at most {RESULT_BYTES} are allowed",
    )


def _exception(claim: dict[str, Any]) -> JobError:
    line, trace = claim["line"], claim["traceback"]
    return JobError(
        ErrorType.EXCEPTION,
        _text(claim["message"], MESSAGE_BYTES),
        line if type(line) is int and 0 < line < 2**31 else None,
        _text(trace, TRACEBACK_BYTES) if isinstance(trace, str) else None,
    )


def _error(kind: ErrorType) -> Callable[[dict[str, Any]], JobError]:
    return lambda claim: JobError(kind, _text(claim["message"], MESSAGE_BYTES))


_ERRORS: Final[dict[str, Callable[[dict[str, Any]], JobError]]] = {
    "exception": _exception,
    "exit": _error(ErrorType.EXIT),
    "invalid_result": _error(ErrorType.INVALID_RESULT),
    "result_too_large": lambda claim: _result_too_large(claim["size"]),
    "main_not_callable": _error(ErrorType.MAIN_NOT_CALLABLE),
}


def _text(claimed: Any, limit: int) -> str:
    """Return a text of the runner as text of at most `limit` bytes that a JSON answer can contain."""
    return shorten(str(claimed).encode(errors="backslashreplace").decode(), limit)


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON value")


def _signal(status: int | None) -> int | None:
    """Return the signal in a wait status, None if the process exited by itself."""
    return status & 0x7F or None if status is not None else None


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
