"""The function that decides the outcome of a job."""

import json
import signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import MB, MESSAGE_BYTES, OUTPUT_BYTES, RESULT_BYTES, TRACEBACK_BYTES, Limits
from jobs.outcome import ErrorType, Outcome, SandboxKind
from sandbox.guest.json_fault import RESULT_DEPTH
from sandbox.job_socket import REPORT_BYTES
from sandbox.observation import Observation, Output, StopReason, Trace
from sandbox.verdict import decide
from store.serialisation import decode_outcome, encode_outcome
from tests.support.stored_outcome import decoded


def _decide(
    report: object = None, *, raw: bytes | None = None, exceeded: bool = False, **trace: Any
) -> Outcome:
    trace.setdefault("status", 0)
    claim = raw if raw is not None else None if report is None else json.dumps(report).encode()
    observation = Observation(Trace(report=claim, **trace), memory_exceeded=exceeded)
    return decide(observation, Limits(), SandboxKind.NSJAIL)


def _type(outcome: Outcome) -> ErrorType | None:
    return outcome.error.type if outcome.error else None


_RESULT = {"kind": "result", "result": {"a": 1}}


def test_decide_succeeds_when_there_is_a_result_and_exit_status_0() -> None:
    assert _decide(_RESULT).result == {"a": 1}


def test_decide_ranks_the_memory_limit_above_a_reported_result() -> None:
    assert _type(_decide(_RESULT, exceeded=True)) == ErrorType.MEMORY_LIMIT


@pytest.mark.parametrize(("stop_reason", "word"), [(StopReason.WALL, "longer"), (StopReason.CPU, "CPU")])
def test_decide_ranks_a_deadline_above_a_reported_result(stop_reason: StopReason, word: str) -> None:
    outcome = _decide(_RESULT, stop_reason=stop_reason)
    assert _type(outcome) == ErrorType.TIMEOUT
    assert outcome.error is not None
    assert word in outcome.error.message


def test_decide_gives_a_cpu_timeout_when_the_kernel_sends_sigxcpu() -> None:
    outcome = _decide(_RESULT, status=signal.SIGXCPU, cpu=5.0)
    assert outcome.error is not None
    assert (outcome.error.type, "CPU" in outcome.error.message) == (ErrorType.TIMEOUT, True)


def test_decide_gives_killed_when_sigxcpu_comes_before_the_cpu_limit() -> None:
    assert _type(_decide(_RESULT, status=signal.SIGXCPU, cpu=0.1)) == ErrorType.KILLED


def test_decide_counts_the_cpu_time_to_read_the_report_as_the_jobs() -> None:
    clock = iter([10.0, 10.25])
    observation = Observation(Trace(report=b"{}", status=0, cpu=1.0))
    outcome = decide(observation, Limits(), SandboxKind.NSJAIL, lambda: next(clock))
    assert outcome.usage.cpu_ms == 1250


def test_decide_ranks_a_signal_above_a_reported_result_and_names_it() -> None:
    outcome = _decide(_RESULT, status=signal.SIGSEGV)
    assert outcome.error is not None
    assert (outcome.error.type, "SIGSEGV" in outcome.error.message) == (ErrorType.KILLED, True)


def test_decide_names_the_exit_status_when_there_is_no_report() -> None:
    outcome = _decide(status=3 << 8)
    assert outcome.error is not None
    assert (outcome.error.type, "3" in outcome.error.message) == (ErrorType.EXIT, True)


def test_decide_ranks_an_exit_status_above_a_reported_result() -> None:
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
def test_decide_gives_invalid_result_when_a_report_is_malformed_or_has_a_kind_of_the_service(
    report: object,
) -> None:
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
def test_decide_gives_invalid_result_when_a_report_is_not_json(raw: bytes) -> None:
    assert _type(_decide(raw=raw)) == ErrorType.INVALID_RESULT


def test_decide_gives_invalid_result_when_a_result_has_too_many_levels() -> None:
    deep: dict[str, Any] = {}
    for _ in range(RESULT_DEPTH - 1):
        deep = {"a": deep}
    assert _decide({"kind": "result", "result": deep}).result == deep
    assert _type(_decide({"kind": "result", "result": {"a": deep}})) == ErrorType.INVALID_RESULT


def test_decide_gives_result_too_large_when_a_forged_result_exceeds_the_limit() -> None:
    assert (
        _type(_decide({"kind": "result", "result": {"a": "x" * RESULT_BYTES}})) == ErrorType.RESULT_TOO_LARGE
    )
    assert _type(_decide(report_overflow=True)) == ErrorType.RESULT_TOO_LARGE


@pytest.mark.parametrize(
    ("size", "shown"), [(2_000_009, "2000009 bytes"), ("many", "too many bytes"), (3, "too many bytes")]
)
def test_decide_shows_the_reported_size_of_a_result_when_it_is_credible(size: object, shown: str) -> None:
    outcome = _decide({"kind": "result_too_large", "size": size})
    assert outcome.error is not None
    assert outcome.error.type == ErrorType.RESULT_TOO_LARGE
    assert shown in outcome.error.message


def test_decide_keeps_the_line_and_traceback_of_an_exception() -> None:
    claim = {"kind": "exception", "message": "ValueError: x", "line": 3, "traceback": "Traceback"}
    outcome = _decide(claim)
    assert outcome.error is not None
    assert (outcome.error.message, outcome.error.line, outcome.error.traceback) == (
        "ValueError: x",
        3,
        "Traceback",
    )


@pytest.mark.parametrize("line", ["3", -1, 2**40, True, None, 1.5])
def test_decide_drops_a_forged_line_and_traceback(line: object) -> None:
    outcome = _decide({"kind": "exception", "message": "m", "line": line, "traceback": 1})
    assert outcome.error is not None
    assert outcome.error.line is None
    assert outcome.error.traceback is None


@given(st.binary(max_size=64), st.integers(0, 0xFFFF))
def test_decide_gives_an_outcome_for_any_report_and_status(raw: bytes, status: int) -> None:
    outcome = _decide(raw=raw, status=status)
    assert (outcome.result is None) != (outcome.error is None)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_decide_gives_an_outcome_that_survives_serialisation_for_any_json_report(value: object) -> None:
    for report in (value, {"kind": "result", "result": value}, {"kind": value, "message": value}):
        outcome = _decide(report)
        assert decoded(decode_outcome(encode_outcome(outcome).encode())) == outcome


def test_output_drops_a_character_that_the_cap_cuts_and_replaces_an_invalid_one() -> None:
    assert Output("aé".encode()[:2], truncated=True).to_text() == ("a", True)
    assert Output(b"a\xff").to_text() == ("a\N{REPLACEMENT CHARACTER}", False)


@pytest.mark.parametrize("byte", [b"\xff", b"\0", b"\n", b"x"])
def test_output_takes_at_most_its_limit_as_text_when_it_is_full(byte: bytes) -> None:
    text, truncated = Output(byte * OUTPUT_BYTES).to_text()
    assert len(text.encode()) <= OUTPUT_BYTES
    assert truncated == (byte in (b"\xff", b"\0"))


@pytest.mark.parametrize("character", ["\N{REPLACEMENT CHARACTER}", "\0", chr(0xDC80)])
def test_outcome_takes_at_most_6_mb_as_json_when_a_script_forges_every_field(character: str) -> None:
    claimed = character * REPORT_BYTES
    full = Output(character.encode(errors="replace") * OUTPUT_BYTES)
    for report in (
        {"kind": "exception", "message": claimed, "line": 1, "traceback": claimed},
        {"kind": "exit", "message": claimed},
        {"kind": claimed},
        {"kind": "result", "result": {"x": character * (RESULT_BYTES // 8)}},
    ):
        outcome = _decide(report, stdout=full, stderr=full)
        assert len(encode_outcome(outcome).encode()) <= 6 * MB
        if outcome.error:
            assert len(outcome.error.message.encode()) <= MESSAGE_BYTES
            assert len((outcome.error.traceback or "").encode()) <= TRACEBACK_BYTES
