"""What probes ask of the outcomes they see."""

import json
from collections.abc import Sequence
from typing import Any

from jobs.outcome import ErrorType, Outcome
from selftest.probe import Check

#: What a script can bring upon itself. The one type that is missing is never its fault.
OWN_FAULT = frozenset(ErrorType) - {ErrorType.SANDBOX_FAILURE}

#: Paths that exist only on our side of a traceback.
_OURS = ("/guest/", "runner.py", "init.py")


def describe(seen: Outcome) -> str:
    """Say in a phrase how a job ended."""
    if seen.error:
        return f"{seen.error.type}: {seen.error.message}"
    return json.dumps(seen.result, ensure_ascii=False)


def returns(expected: dict[str, Any]) -> Check:
    """RunningJob if the last job returned exactly `expected`."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        held = last.error is None and last.result == expected
        return None if held else describe(last)

    return check


def answers(*allowed: str) -> Check:
    """RunningJob if the last job returned something for each attempt, and only what is allowed."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        if not last.result:
            return describe(last)
        others = {key: value for key, value in last.result.items() if value not in allowed}
        return json.dumps(others, ensure_ascii=False) if others else None

    return check


def within(low: float, high: float, key: str) -> Check:
    """RunningJob if the last job returned a number of these bounds under `key`."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        value = (last.result or {}).get(key)
        return None if isinstance(value, int | float) and low <= value <= high else describe(last)

    return check


def fails(*types: ErrorType, says: str = "") -> Check:
    """RunningJob if the last job failed by one of `types` and its message contains `says`."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        held = last.error is not None and last.error.type in types and says in last.error.message
        return None if held else describe(last)

    return check


def stopped(seen: Sequence[Outcome]) -> str | None:
    """RunningJob if the last job was rejected, or failed by its own fault: it brought nothing back."""
    last = seen[-1]
    return None if last.error and last.error.type in OWN_FAULT else describe(last)


def prompt(milliseconds: float) -> Check:
    """RunningJob if the last job ended within so much wall time."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        wall = last.usage.wall_ms
        return None if wall is not None and wall <= milliseconds else f"it took {wall} ms"

    return check


def prints(stdout: str = "", stderr: str = "") -> Check:
    """RunningJob if exactly this came out of the last job."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        held = (last.stdout, last.stderr) == (stdout, stderr)
        return None if held else f"stdout {last.stdout[:40]!r}, stderr {last.stderr[:40]!r}"

    return check


def truncates(stream: str, kept: int) -> Check:
    """RunningJob if of `stream` of the last job exactly `kept` bytes were kept and the rest owned up to."""

    def check(seen: Sequence[Outcome]) -> str | None:
        last = seen[-1]
        size = len(getattr(last, stream).encode())
        said = getattr(last, f"{stream}_truncated")
        return None if said and size == kept else f"{stream}: {size} bytes kept, truncated {said}"

    return check


def shows_nothing_of_ours(seen: Sequence[Outcome]) -> str | None:
    """RunningJob if neither the last job's traceback nor its output names a file of ours."""
    last = seen[-1]
    text = f"{last.error.message} {last.error.traceback}" if last.error else ""
    found = [path for path in _OURS if path in text or path in last.stderr]
    return f"{', '.join(found)} in sight: {describe(last)}" if found else None


def well_typed(seen: Sequence[Outcome]) -> str | None:
    """RunningJob if every field of the last job's error has the type that the service promises."""
    last = seen[-1]
    if last.error is None:
        return describe(last)
    error = last.error
    if type(error.message) is not str:
        return f"message {error.message!r}"
    if type(error.line) not in (int, type(None)):
        return f"line {error.line!r}"
    return None if isinstance(error.traceback, str | None) else f"traceback {error.traceback!r}"


def differ(key: str) -> Check:
    """RunningJob if no two of the jobs returned the same under `key`."""

    def check(seen: Sequence[Outcome]) -> str | None:
        values = [repr((one.result or {}).get(key)) for one in seen]
        held = "None" not in values and len(set(values)) == len(seen)
        return None if held else f"{key}: {', '.join(values)}"

    return check


def all_of(*checks: Check) -> Check:
    """RunningJob if all of `checks` hold."""

    def check(seen: Sequence[Outcome]) -> str | None:
        return next((fault for one in checks if (fault := one(seen)) is not None), None)

    return check


def one_of(*checks: Check) -> Check:
    """RunningJob if one of `checks` holds."""

    def check(seen: Sequence[Outcome]) -> str | None:
        faults = [one(seen) for one in checks]
        return None if None in faults else faults[0]

    return check


def each(check: Check) -> Check:
    """RunningJob if `check` holds for every one of the jobs."""

    def check_each(seen: Sequence[Outcome]) -> str | None:
        return next((fault for one in seen if (fault := check([one])) is not None), None)

    return check_each


def in_turn(*checks: Check) -> Check:
    """RunningJob if the first check holds for the first job, the second for the second, and so on."""

    def check(seen: Sequence[Outcome]) -> str | None:
        pairs = zip(checks, seen, strict=True)
        return next((fault for one, job in pairs if (fault := one([job])) is not None), None)

    return check
