"""How a job ends when the interpreter gets no memory: the same in both sandboxes."""

from typing import Any, Final

import pytest

from jobs.limits import Limits
from jobs.outcome import ErrorType
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.protocol import Sandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.scripts import error_of, run_script

_SMALL: Final = Limits(memory_mb=64)
_ASKED: Final = "the job asked for more than its 64 MB of memory"
_USED: Final = "the job used more than its 64 MB of memory"

#: Expressions for more memory than a process can address.
_NEVER_FIT: Final = (
    "[0] * 10**15",
    "bytearray(10**15)",
    "'x' * 10**15",
    "'x' * 2**62",
    "b'x' * 10**15",
    "(0,) * 10**15",
    "1 << 10**17",
)

#: Scripts that end with something else than an uncaught MemoryError, with their result or error.
_OTHERS: Final = (
    (
        "def main(): return {'n': len([0] * 10**30)}",
        "OverflowError: cannot fit 'int' into an index-sized integer",
    ),
    ("def main(): return {'n': 2.0 ** 100_000}", "OverflowError: (34, 'Numerical result out of range')"),
    ("def main(): raise MemoryError('too large for me')", "MemoryError: too large for me"),
    ("class Own(MemoryError): pass\ndef main(): raise Own", "Own"),
    (
        """
        def main():
            try: [0] * 10**15
            except MemoryError as error: raise ValueError("no") from error
        """,
        "ValueError: no",
    ),
    (
        """
        def main():
            try: [0] * 10**15
            except MemoryError: return {"caught": True}
        """,
        {"caught": True},
    ),
)


def _check_asked(sandbox: Sandbox, script: str, line: int) -> None:
    outcome = run_script(sandbox, script, limits=_SMALL)
    assert error_of(outcome) == (ErrorType.MEMORY_LIMIT, _ASKED)
    assert outcome.error is not None
    assert outcome.error.line == line
    assert (outcome.error.traceback or "").endswith("MemoryError\n")


@pytest.mark.parametrize("expression", _NEVER_FIT)
def test_allocation_that_never_fits_is_the_memory_limit_in_a_jail(
    sandbox: NsjailSandbox, expression: str
) -> None:
    _check_asked(sandbox, f"def main():\n    return {{'n': {expression}}}", 2)


@pytest.mark.parametrize("expression", _NEVER_FIT)
def test_allocation_that_never_fits_is_the_memory_limit_in_the_restricted_executor(
    restricted: RestrictedSandbox, expression: str
) -> None:
    _check_asked(restricted, f"def main():\n    return {{'n': {expression}}}", 2)


@pytest.mark.parametrize(
    "script",
    [
        "\nfilled = [0] * 10**15\ndef main(): return {}",
        "async def main():\n    return {'n': len([0] * 10**15)}",
        "def main():\n    try: [0] * 10**15\n    except MemoryError: raise",
    ],
)
def test_allocation_that_never_fits_is_the_memory_limit_wherever_it_is(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox, script: str
) -> None:
    for one in (sandbox, restricted):
        _check_asked(one, script, 2)


@pytest.mark.parametrize(("script", "expected"), _OTHERS)
def test_other_ends_stay_what_they_are_when_memory_is_short(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox, script: str, expected: Any
) -> None:
    for one in (sandbox, restricted):
        outcome = run_script(one, script, limits=_SMALL)
        if isinstance(expected, dict):
            assert outcome.result == expected
        else:
            assert error_of(outcome) == (ErrorType.EXCEPTION, expected)


def test_result_that_does_not_fit_is_the_memory_limit(
    sandbox: NsjailSandbox, restricted: RestrictedSandbox
) -> None:
    # The report holds the text a second time.
    for one, message in ((sandbox, _USED), (restricted, _ASKED)):
        outcome = run_script(one, "def main(): return {'n': 'x' * (45 << 20)}", limits=_SMALL)
        assert error_of(outcome) == (ErrorType.MEMORY_LIMIT, message)


def test_mapping_that_never_fits_is_an_exception(sandbox: NsjailSandbox) -> None:
    outcome = run_script(sandbox, "import mmap\ndef main(): mmap.mmap(-1, 10**15)", limits=_SMALL)
    assert error_of(outcome) == (ErrorType.EXCEPTION, "OSError: [Errno 12] Cannot allocate memory")


def test_memory_error_of_a_thread_is_shown_and_the_job_goes_on(sandbox: NsjailSandbox) -> None:
    outcome = run_script(
        sandbox,
        """
        import threading
        def main():
            thread = threading.Thread(target=lambda: [0] * 10**15)
            thread.start()
            thread.join()
            return {"alive": thread.is_alive()}
        """,
        limits=_SMALL,
    )
    assert (outcome.result, "MemoryError" in outcome.stderr) == ({"alive": False}, True)


def test_invalid_access_is_killed_and_no_memory_limit(sandbox: NsjailSandbox) -> None:
    outcome = run_script(sandbox, "import ctypes\ndef main(): ctypes.string_at(0)", limits=_SMALL)
    assert error_of(outcome) == (ErrorType.KILLED, "the script was killed by SIGSEGV")
