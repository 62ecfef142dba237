"""Read the report of a runner. The script can forge it: each kind gives a verdict, any other is malformed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from jobs.json_text import shorten
from jobs.limits import MESSAGE_BYTES, RESULT_BYTES, TRACEBACK_BYTES
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError
from sandbox.guest.json_fault import RESULT_DEPTH


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a job ended; see `Outcome`."""

    result: dict[str, Any] | None = None
    error: JobError | None = None
    exit_code: int | None = None


def read_report(report: bytes | None, mode: Mode) -> Verdict:
    """Return the verdict in a runner's report, which the script can forge. None is a report past its cap."""
    if report is None and mode is Mode.MAIN:
        return _result_too_large()
    try:
        claim = _DECODER.decode((report or b"").decode("utf-8", "surrogatepass"))
        return _REPORTS[mode][claim["kind"]](claim)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return _invalid_result("the report of the runner is malformed")


def _result(claim: dict[str, Any]) -> Verdict:
    result = claim["result"]
    if not isinstance(result, dict):
        return _invalid_result("main must return a dict")
    # Encode it again: in a report, 1e999 parses as infinity.
    text = _ENCODER.encode(result)
    # Half of a surrogate pair raises UnicodeEncodeError here: no JSON answer could contain it.
    size = len(text.encode())
    if size > RESULT_BYTES:
        return _result_too_large(size)
    if _is_deeper(result, text, RESULT_DEPTH):
        return _invalid_result(f"the result is nested more than {RESULT_DEPTH} levels deep")
    return Verdict(result, exit_code=0)


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


def _invalid_result(message: str) -> Verdict:
    return Verdict(error=JobError(ErrorType.INVALID_RESULT, message), exit_code=0)


def _result_too_large(size: object = None) -> Verdict:
    """Return the verdict on a result of `size` bytes, if `size` is a credible number."""
    taken = size if type(size) is int and size > RESULT_BYTES else "too many"
    message = f"the result takes {taken} bytes as JSON; at most {RESULT_BYTES} are allowed"
    return Verdict(error=JobError(ErrorType.RESULT_TOO_LARGE, message), exit_code=0)


def _exception(claim: dict[str, Any]) -> Verdict:
    line, trace = claim["line"], claim["traceback"]
    error = JobError(
        ErrorType.EXCEPTION,
        _text(claim["message"], MESSAGE_BYTES),
        line if type(line) is int and 0 < line < 2**31 else None,
        _text(trace, TRACEBACK_BYTES) if isinstance(trace, str) else None,
    )
    return Verdict(error=error, exit_code=1)


def _exit(claim: dict[str, Any]) -> Verdict:
    code = claim["code"]
    if type(code) is not int or not 0 <= code <= 255:
        raise ValueError("not an exit code")
    return Verdict(error=JobError(ErrorType.EXIT, _text(claim["message"], MESSAGE_BYTES)), exit_code=code)


def _program_exit(claim: dict[str, Any]) -> Verdict:
    verdict = _exit(claim)
    return verdict if verdict.exit_code else Verdict(exit_code=0)


def _error(kind: ErrorType) -> Callable[[dict[str, Any]], Verdict]:
    return lambda claim: Verdict(error=JobError(kind, _text(claim["message"], MESSAGE_BYTES)), exit_code=0)


#: The reports that a runner sends in each mode, by their kind. Every other report is malformed.
_REPORTS: Final[dict[Mode, dict[str, Callable[[dict[str, Any]], Verdict]]]] = {
    Mode.MAIN: {
        "result": _result,
        "exception": _exception,
        "exit": _exit,
        "invalid_result": _error(ErrorType.INVALID_RESULT),
        "result_too_large": lambda claim: _result_too_large(claim["size"]),
        "main_not_callable": _error(ErrorType.MAIN_NOT_CALLABLE),
    },
    Mode.PROGRAM: {
        "end": lambda _: Verdict(exit_code=0),
        "exception": _exception,
        "exit": _program_exit,
    },
}


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON value")


# json.loads and json.dumps make a new decoder or encoder in each call with options.
_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)
_ENCODER: Final = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def _text(claimed: Any, limit: int) -> str:
    """Return a text of the runner as text of at most `limit` bytes that a JSON answer can contain."""
    return shorten(str(claimed).encode(errors="backslashreplace").decode(), limit)
