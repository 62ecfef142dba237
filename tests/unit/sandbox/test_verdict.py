"""The one function that decides how a job ended."""

import json
import signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import RESULT_BYTES, Limits
from jobs.outcome import ErrorType, Outcome, SandboxKind
from sandbox.verdict import RESULT_DEPTH, Observed, Output, Stopped, Trace, decide
from store.serialisation import decode_outcome, encode_outcome


def _decide(
    report: object = None, *, raw: bytes | None = None, exceeded: bool = False, **trace: Any
) -> Outcome:
    trace.setdefault("status", 0)
    claim = raw if raw is not None else None if report is None else json.dumps(report).encode()
    seen = Observed(Trace(report=claim, **trace), memory_exceeded=exceeded)
    return decide(seen, Limits(), SandboxKind.NSJAIL)


def _type(outcome: Outcome) -> ErrorType | None:
    return outcome.error.type if outcome.error else None


_RESULT = {"kind": "result", "result": {"a": 1}}


def test_a_result_and_a_clean_exit_succeed() -> None:
    assert _decide(_RESULT).result == {"a": 1}


def test_the_memory_limit_outranks_every_claim() -> None:
    assert _type(_decide(_RESULT, exceeded=True)) == ErrorType.MEMORY_LIMIT


@pytest.mark.parametrize(("stopped", "word"), [(Stopped.WALL, "longer"), (Stopped.CPU, "CPU")])
def test_a_deadline_outranks_a_claimed_result(stopped: Stopped, word: str) -> None:
    outcome = _decide(_RESULT, stopped=stopped)
    assert _type(outcome) == ErrorType.TIMEOUT
    assert outcome.error is not None
    assert word in outcome.error.message


def test_the_kernels_cpu_signal_is_a_timeout_of_cpu_time() -> None:
    outcome = _decide(_RESULT, status=signal.SIGXCPU, cpu=5.0)
    assert outcome.error is not None
    assert (outcome.error.type, "CPU" in outcome.error.message) == (ErrorType.TIMEOUT, True)


def test_the_same_signal_in_an_instant_is_the_scripts_own() -> None:
    assert _type(_decide(_RESULT, status=signal.SIGXCPU, cpu=0.1)) == ErrorType.KILLED


def test_a_signal_outranks_a_claimed_result_and_is_named() -> None:
    outcome = _decide(_RESULT, status=signal.SIGSEGV)
    assert outcome.error is not None
    assert (outcome.error.type, "SIGSEGV" in outcome.error.message) == (ErrorType.KILLED, True)


def test_an_exit_without_a_report_says_the_code() -> None:
    outcome = _decide(status=3 << 8)
    assert outcome.error is not None
    assert (outcome.error.type, "3" in outcome.error.message) == (ErrorType.EXIT, True)


def test_an_exit_code_outranks_a_claimed_result() -> None:
    assert _type(_decide(_RESULT, status=1 << 8)) == ErrorType.EXIT


@pytest.mark.parametrize(
    "report",
    [
        [],
        "text",
        3,
        {},
        {"kind": "result"},
        {"kind": "result", "result": [1]},
        {"kind": "result", "result": None},
        {"kind": "sandbox_failure", "message": "mine"},
        {"kind": "timeout", "message": "mine"},
        {"kind": ["exception"]},
        {"kind": "exception"},
    ],
)
def test_a_malformed_or_presumptuous_report_is_an_invalid_result(report: object) -> None:
    assert _type(_decide(report)) == ErrorType.INVALID_RESULT


@pytest.mark.parametrize(
    "raw",
    [
        b'{"kind": "result", "result": {"a": NaN}}',
        b'{"kind": "result", "result": {"a": 1e999}}',
        b'{"kind": "result", "result": ' + b'{"a":' * 100_000,
        b'{"kind": "result", "result": {"a": ' + b"9" * 5000 + b"}}",
        b"\xff\xfe\x00",
        b"",
    ],
    ids=["nan", "infinity", "bottomless", "endless-integer", "no-text", "empty"],
)
def test_a_report_that_is_no_json_is_an_invalid_result(raw: bytes) -> None:
    assert _type(_decide(raw=raw)) == ErrorType.INVALID_RESULT


def test_a_result_nested_too_deep_for_later_readers_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(RESULT_DEPTH - 1):
        deep = {"a": deep}
    assert _decide({"kind": "result", "result": deep}).result == deep
    assert _type(_decide({"kind": "result", "result": {"a": deep}})) == ErrorType.INVALID_RESULT


def test_a_forged_result_past_the_cap_is_too_large() -> None:
    assert (
        _type(_decide({"kind": "result", "result": {"a": "x" * RESULT_BYTES}})) == ErrorType.RESULT_TOO_LARGE
    )
    assert _type(_decide(report_overflow=True)) == ErrorType.RESULT_TOO_LARGE


def test_an_exception_keeps_its_line_and_traceback() -> None:
    claim = {"kind": "exception", "message": "ValueError: x", "line": 3, "traceback": "Traceback"}
    outcome = _decide(claim)
    assert outcome.error is not None
    assert (outcome.error.message, outcome.error.line, outcome.error.traceback) == (
        "ValueError: x",
        3,
        "Traceback",
    )


@pytest.mark.parametrize("line", ["3", -1, 2**40, True, None, 1.5])
def test_a_forged_line_is_dropped_or_harmless(line: object) -> None:
    outcome = _decide({"kind": "exception", "message": "m", "line": line, "traceback": 1})
    assert outcome.error is not None
    assert outcome.error.line is None
    assert outcome.error.traceback is None


@given(st.binary(max_size=64), st.integers(0, 0xFFFF))
def test_any_report_and_any_status_give_a_verdict(raw: bytes, status: int) -> None:
    outcome = _decide(raw=raw, status=status)
    assert (outcome.result is None) != (outcome.error is None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_in_a_report_gives_a_verdict_that_survives_the_wire(value: object) -> None:
    for report in (value, {"kind": "result", "result": value}, {"kind": value, "message": value}):
        outcome = _decide(report)
        assert decode_outcome(encode_outcome(outcome)) == outcome


def test_a_character_cut_by_the_cap_is_dropped_and_a_broken_one_replaced() -> None:
    assert Output("aé".encode()[:2], truncated=True).text == "a"
    assert Output(b"a\xff").text == "a\N{REPLACEMENT CHARACTER}"
