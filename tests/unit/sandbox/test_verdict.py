"""The function that decides the outcome of a job."""

import json
import signal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.limits import MB, MESSAGE_BYTES, OUTPUT_BYTES, RESULT_BYTES, TRACEBACK_BYTES, Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind
from sandbox.guest.json_fault import RESULT_DEPTH
from sandbox.job_socket import REPORT_BYTES
from sandbox.observation import Observation, Output, StopReason, Trace
from sandbox.verdict import decide
from store.serialisation import decode_outcome, encode_outcome
from tests.support.stored_outcome import decoded


def _decide(
    report: object = None,
    *,
    raw: bytes | None = None,
    exceeded: bool = False,
    mode: Mode = Mode.MAIN,
    sandbox: SandboxKind = SandboxKind.NSJAIL,
    **trace: Any,
) -> Outcome:
    trace.setdefault("status", 0)
    claim = raw if raw is not None else None if report is None else json.dumps(report).encode()
    observation = Observation(Trace(report=claim, **trace), memory_exceeded=exceeded)
    return decide(observation, Limits(), sandbox, mode=mode)


def _type(outcome: Outcome) -> ErrorType | None:
    return outcome.error.type if outcome.error else None


_RESULT = {"kind": "result", "result": {"a": 1}}
_EXCEPTION = {"kind": "exception", "message": "ValueError: x", "line": 3, "traceback": "Traceback"}
_END = {"kind": "end"}


def _exit(code: object) -> dict[str, object]:
    return {"kind": "exit", "code": code, "message": f"the script exited with status {code}"}


def test_decide_succeeds_when_there_is_a_result_and_exit_status_0() -> None:
    assert _decide(_RESULT).result == {"a": 1}


def test_decide_ranks_the_memory_limit_above_a_reported_result() -> None:
    assert _type(_decide(_RESULT, exceeded=True)) == ErrorType.MEMORY_LIMIT


def _exception(message: str) -> dict[str, Any]:
    return {"kind": "exception", "message": message, "line": 2, "traceback": f"...\n{message}\n"}


@pytest.mark.parametrize("sandbox", SandboxKind)
def test_decide_gives_the_memory_limit_when_nothing_caught_a_memory_error(sandbox: SandboxKind) -> None:
    trace = Trace(report=json.dumps(_exception("MemoryError")).encode(), status=0)
    error = decide(Observation(trace), Limits(memory_mb=64), sandbox).error
    message = "the job asked for more than its 64 MB of memory"
    assert error == JobError(ErrorType.MEMORY_LIMIT, message, 2, "...\nMemoryError\n")


@pytest.mark.parametrize("message", ["MemoryError: my own", "MyMemoryError", "ValueError: MemoryError"])
def test_decide_gives_an_exception_when_the_script_made_its_own(message: str) -> None:
    assert _type(_decide(_exception(message))) == ErrorType.EXCEPTION


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
        _END,
        {"kind": "exit", "message": "no code"},
        *map(_exit, (-1, 256, 2**64, "0", 0.0, True, None)),
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


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("report", "error", "code"),
    [(_EXCEPTION, ErrorType.EXCEPTION, 1), (_exit(3), ErrorType.EXIT, 3), (_exit(255), ErrorType.EXIT, 255)],
)
def test_decide_gives_the_error_and_exit_code_of_a_report_in_both_modes(
    mode: Mode, report: object, error: ErrorType, code: int
) -> None:
    outcome = _decide(report, mode=mode)
    assert (_type(outcome), outcome.exit_code) == (error, code)


@pytest.mark.parametrize("report", [_END, _exit(0), None])
def test_decide_succeeds_without_a_result_when_a_program_ends_with_0(report: object) -> None:
    outcome = _decide(report, mode=Mode.PROGRAM)
    assert (outcome.result, outcome.error, outcome.exit_code) == (None, None, 0)


@pytest.mark.parametrize("report", [_exit(0), None])
def test_decide_gives_exit_when_a_script_ends_with_0_before_main_returns(report: object) -> None:
    outcome = _decide(report)
    assert (_type(outcome), outcome.exit_code) == (ErrorType.EXIT, 0)


@pytest.mark.parametrize("report", [_RESULT, _END, _exit(0), None])
@pytest.mark.parametrize("mode", Mode)
def test_decide_ranks_an_exit_status_above_a_report_and_gives_it_as_exit_code(
    mode: Mode, report: object
) -> None:
    outcome = _decide(report, mode=mode, status=7 << 8)
    assert (_type(outcome), outcome.exit_code) == (ErrorType.EXIT, 7)
    assert outcome.error is not None
    assert ("result" in outcome.error.message) == (mode is Mode.MAIN)


@pytest.mark.parametrize(
    "report",
    [
        _RESULT,
        {"kind": "result_too_large", "size": RESULT_BYTES + 1},
        {"kind": "invalid_result", "message": "mine"},
        {"kind": "main_not_callable", "message": "mine"},
        {"kind": "timeout", "message": "mine"},
        {},
        *map(_exit, (-1, 256, "0", False)),
    ],
)
def test_decide_gives_invalid_result_when_a_program_forges_a_report_of_main(report: object) -> None:
    outcome = _decide(report, mode=Mode.PROGRAM)
    assert (_type(outcome), outcome.result, outcome.exit_code) == (ErrorType.INVALID_RESULT, None, 0)
    assert outcome.error is not None
    assert "malformed" in outcome.error.message


def test_decide_gives_invalid_result_when_a_program_forges_a_report_past_its_cap() -> None:
    assert _type(_decide(report_overflow=True, mode=Mode.PROGRAM)) == ErrorType.INVALID_RESULT


@pytest.mark.parametrize(
    "report",
    [
        _RESULT,
        {"kind": "result", "result": []},
        {"kind": "result_too_large", "size": 3},
        {"kind": "main_not_callable", "message": "main is None"},
        [],
    ],
)
def test_decide_gives_exit_code_0_when_main_has_returned_or_could_not_be_called(report: object) -> None:
    assert _decide(report).exit_code == 0


@pytest.mark.parametrize(
    "trace",
    [
        {"exceeded": True},
        {"stop_reason": StopReason.WALL},
        {"stop_reason": StopReason.CPU, "status": signal.SIGKILL},
        {"status": signal.SIGXCPU, "cpu": 5.0},
        {"status": signal.SIGSEGV},
    ],
)
@pytest.mark.parametrize("mode", Mode)
def test_decide_gives_no_exit_code_when_the_script_did_not_end_by_itself(
    mode: Mode, trace: dict[str, Any]
) -> None:
    for report in (_RESULT, _END, _exit(0)):
        outcome = _decide(report, mode=mode, **trace)
        assert outcome.error is not None
        assert (outcome.result, outcome.exit_code) == (None, None)


@pytest.mark.parametrize("mode", Mode)
def test_decide_gives_no_exit_code_when_a_restricted_script_reaches_the_memory_limit(mode: Mode) -> None:
    report = {**_EXCEPTION, "message": "MemoryError"}
    outcome = _decide(report, mode=mode, sandbox=SandboxKind.RESTRICTED)
    assert (_type(outcome), outcome.exit_code) == (ErrorType.MEMORY_LIMIT, None)


def test_decide_keeps_the_line_and_traceback_of_an_exception() -> None:
    outcome = _decide(_EXCEPTION)
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


@given(st.binary(max_size=64), st.integers(0, 0xFFFF), st.sampled_from(Mode))
def test_decide_gives_an_outcome_for_any_report_and_status(raw: bytes, status: int, mode: Mode) -> None:
    assert _decide(raw=raw, status=status, mode=mode)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_decide_gives_an_outcome_that_survives_serialisation_for_any_json_report(value: object) -> None:
    reports = (
        value,
        {"kind": "result", "result": value},
        {"kind": value, "message": value},
        {"kind": "exit", "code": value, "message": value},
    )
    for report, mode in product(reports, Mode):
        outcome = _decide(report, mode=mode)
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
        {"kind": "exit", "code": 1, "message": claimed},
        {"kind": claimed},
        {"kind": "result", "result": {"x": character * (RESULT_BYTES // 8)}},
    ):
        outcome = _decide(report, stdout=full, stderr=full)
        assert len(encode_outcome(outcome).encode()) <= 6 * MB
        if outcome.error:
            assert len(outcome.error.message.encode()) <= MESSAGE_BYTES
            assert len((outcome.error.traceback or "").encode()) <= TRACEBACK_BYTES
