"""Checks: the requirements of a probe on the outcomes of its jobs.

Each function here is a check, or makes one. A check looks at the last job only, unless its docstring names
other jobs.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from jobs.outcome import ErrorType, Outcome
from selftest.probe import Check

#: The errors that a script can cause. SANDBOX_FAILURE is not one of them.
SCRIPT_ERRORS = frozenset(ErrorType) - {ErrorType.SANDBOX_FAILURE}

#: Parts of paths that only files of the service have.
_SERVICE_PATHS = ("/guest/", "runner.py", "init.py")


def describe(outcome: Outcome) -> str:
    """Return a phrase about how a job ended."""
    if outcome.error:
        return f"{outcome.error.type}: {outcome.error.message}"
    return json.dumps(outcome.result, ensure_ascii=False)


def _of_last(check: Callable[[Outcome], str | None]) -> Check:
    """Make a check of the last outcome."""

    def check_last(outcomes: Sequence[Outcome]) -> str | None:
        return check(outcomes[-1])

    return check_last


def returns(expected: dict[str, Any]) -> Check:
    """Require that the job returned exactly `expected`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        passed = outcome.error is None and outcome.result == expected
        return None if passed else describe(outcome)

    return check


def returns_only(*allowed: str) -> Check:
    """Require that the job returned at least one value, and that every value is one of `allowed`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        if not outcome.result:
            return describe(outcome)
        others = {key: value for key, value in outcome.result.items() if value not in allowed}
        return json.dumps(others, ensure_ascii=False) if others else None

    return check


def returns_between(low: float, high: float, key: str) -> Check:
    """Require that the job returned a number from `low` to `high` under `key`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        value = (outcome.result or {}).get(key)
        return None if isinstance(value, int | float) and low <= value <= high else describe(outcome)

    return check


def fails(*types: ErrorType, message: str = "") -> Check:
    """Require that the job failed with one of `types` and that its message contains `message`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        error = outcome.error
        passed = error is not None and error.type in types and message in error.message
        return None if passed else describe(outcome)

    return check


@_of_last
def fails_by_its_own_fault(outcome: Outcome) -> str | None:
    """Require that the script was rejected or failed, so that it returned nothing."""
    return None if outcome.error and outcome.error.type in SCRIPT_ERRORS else describe(outcome)


def ends_within(milliseconds: float) -> Check:
    """Require that the job used at most `milliseconds` of wall time."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        wall = outcome.usage.wall_ms
        return None if wall is not None and wall <= milliseconds else f"it took {wall} ms"

    return check


def uses_cpu(milliseconds: float) -> Check:
    """Require that the job used at least `milliseconds` of CPU time."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        cpu = outcome.usage.cpu_ms
        return None if cpu is not None and cpu >= milliseconds else f"it used {cpu} ms of CPU time"

    return check


def prints(stdout: str = "", stderr: str = "") -> Check:
    """Require that the job's output was exactly `stdout` and `stderr`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        passed = (outcome.stdout, outcome.stderr) == (stdout, stderr)
        return None if passed else f"stdout {outcome.stdout[:40]!r}, stderr {outcome.stderr[:40]!r}"

    return check


def truncates(stream: str, kept: int) -> Check:
    """Require that exactly `kept` bytes of `stream` were kept and that `stream` is marked as truncated."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        size = len(getattr(outcome, stream).encode())
        truncated = getattr(outcome, f"{stream}_truncated")
        return None if truncated and size == kept else f"{stream}: {size} bytes kept, truncated {truncated}"

    return check


@_of_last
def names_no_service_file(outcome: Outcome) -> str | None:
    """Require that neither the job's error nor its stderr names a file of the service."""
    text = f"{outcome.error.message} {outcome.error.traceback}" if outcome.error else ""
    found = [path for path in _SERVICE_PATHS if path in text or path in outcome.stderr]
    return f"it names {', '.join(found)}: {describe(outcome)}" if found else None


@_of_last
def has_typed_error(outcome: Outcome) -> str | None:
    """Require that every field of the job's error has the type that the service promises."""
    error = outcome.error
    if error is None:
        return describe(outcome)
    if type(error.message) is not str:
        return f"message {error.message!r}"
    if type(error.line) not in (int, type(None)):
        return f"line {error.line!r}"
    return None if isinstance(error.traceback, str | None) else f"traceback {error.traceback!r}"


def keeps(expected: dict[str, bytes]) -> Check:
    """Require that the job's artifacts are exactly the files of `expected`, none of them dropped."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        kept = {artifact.path: artifact.content for artifact in outcome.artifacts}
        passed = kept == expected and not outcome.artifacts_truncated
        return None if passed else f"artifacts {_shown(outcome)}, error {outcome.error}"

    return check


def keeps_only(*contents: bytes) -> Check:
    """Require that the job has not failed, and that each of its artifacts has one of the `contents`."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        passed = outcome.exit_code == 0 and all(kept.content in contents for kept in outcome.artifacts)
        return None if passed else f"artifacts {_shown(outcome)}, error {outcome.error}"

    return check


def keeps_at_most(files: int, size: int, listed: int) -> Check:
    """Require some artifacts: at most `files` with at most `size` bytes together, and `listed` in all."""

    @_of_last
    def check(outcome: Outcome) -> str | None:
        contents = [kept.content for kept in outcome.artifacts if kept.content is not None]
        total = sum(map(len, contents))
        if 0 < len(contents) <= files and total <= size and len(outcome.artifacts) <= listed:
            return None
        return f"{len(contents)} artifacts of {total} bytes, {len(outcome.artifacts)} listed"

    return check


def _shown(outcome: Outcome) -> str:
    """Return the first artifacts of a job with the beginnings of their contents."""
    return str({kept.path[:40]: (kept.content or b"")[:20] for kept in outcome.artifacts[:8]})


def all_differ(key: str) -> Check:
    """Require that no two of the jobs returned the same value under `key`."""

    def check(outcomes: Sequence[Outcome]) -> str | None:
        values = [repr((outcome.result or {}).get(key)) for outcome in outcomes]
        passed = "None" not in values and len(set(values)) == len(outcomes)
        return None if passed else f"{key}: {', '.join(values)}"

    return check


def all_of(*checks: Check) -> Check:
    """Require that all of `checks` pass."""

    def check(outcomes: Sequence[Outcome]) -> str | None:
        return next((fault for one in checks if (fault := one(outcomes)) is not None), None)

    return check


def any_of(*checks: Check) -> Check:
    """Require that at least one of `checks` passes."""

    def check(outcomes: Sequence[Outcome]) -> str | None:
        faults = [one(outcomes) for one in checks]
        return None if None in faults else faults[0]

    return check


def each(check: Check) -> Check:
    """Require that `check` passes for every job."""

    def check_each(outcomes: Sequence[Outcome]) -> str | None:
        return next((fault for outcome in outcomes if (fault := check([outcome])) is not None), None)

    return check_each


def in_order(*checks: Check) -> Check:
    """Require that the first check passes for the first job, the second for the second, and so on."""

    def check(outcomes: Sequence[Outcome]) -> str | None:
        pairs = zip(checks, outcomes, strict=True)
        return next((fault for one, outcome in pairs if (fault := one([outcome])) is not None), None)

    return check
