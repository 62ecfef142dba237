import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.job import Job
from jobs.json_text import encode
from jobs.limits import Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from store.serialisation import (
    decode_job,
    decode_limits,
    decode_outcome,
    decode_worker,
    encode_job,
    encode_limits,
    encode_outcome,
    encode_worker,
)
from store.worker import Worker
from tests.support.stored_outcome import decoded


def decode_to_outcome(text: str) -> Outcome:
    return decoded(decode_outcome(text.encode()))


OUTCOME = Outcome(
    sandbox=SandboxKind.NSJAIL,
    error=JobError(ErrorType.EXCEPTION, "ValueError: no", 2, "Traceback"),
    stdout="é",
    stderr="x",
    stdout_truncated=True,
    usage=Usage(1.5, 2.5, 3),
    exit_code=1,
)

FORMS: list[tuple[Any, Callable[[Any], str], Callable[[str], Any]]] = [
    (Job("s", {"a": [1, None]}, "in", Limits(1, 2, 32, 4)), encode_job, decode_job),
    (Job("s", mode=Mode.PROGRAM, argv=("-v", "é\n")), encode_job, decode_job),
    (Limits(1, 2, 32, 4), encode_limits, decode_limits),
    (OUTCOME, encode_outcome, decode_to_outcome),
    (Outcome(result={"a": {}}), encode_outcome, decode_to_outcome),
    (Outcome(exit_code=0), encode_outcome, decode_to_outcome),
    (Worker("host-1", "nsjail", "namespaces"), encode_worker, decode_worker),
]


@pytest.mark.parametrize(("value", "encode", "decode"), FORMS)
def test_decode_returns_what_was_encoded(
    value: Any, encode: Callable[[Any], str], decode: Callable[[str], Any]
) -> None:
    assert decode(encode(value)) == value


@pytest.mark.parametrize(("value", "encode", "decode"), FORMS)
def test_decode_ignores_fields_of_a_newer_version(
    value: Any, encode: Callable[[Any], str], decode: Callable[[str], Any]
) -> None:
    def with_new_fields(stored: Any) -> Any:
        if not isinstance(stored, dict):
            return stored
        return {name: with_new_fields(inner) for name, inner in stored.items()} | {"new": 1}

    stored = json.loads(encode(value))
    client_data = {name: stored[name] for name in ("inputs", "result") if name in stored}
    assert decode(json.dumps(with_new_fields(stored) | client_data)) == value


def test_encode_job_gives_the_form_of_an_earlier_version_in_mode_main() -> None:
    assert encode_job(Job("s", {"a": 1}, "in", Limits(1, 2, 32, 4))) == (
        '{"script":"s","inputs":{"a":1},"stdin":"in",'
        '"limits":{"timeout":1,"cpu":2,"memory_mb":32,"processes":4}}'
    )


def test_decode_outcome_reads_the_form_of_an_earlier_version_without_an_exit_code() -> None:
    earlier = json.loads(encode_outcome(OUTCOME))
    del earlier["exit_code"]
    assert decode_to_outcome(json.dumps(earlier)) == replace(OUTCOME, exit_code=None)


@given(script=st.text(), stdin=st.text(), inputs=st.dictionaries(st.text(), st.text() | st.integers()))
def test_job_survives_when_it_holds_any_text(script: str, stdin: str, inputs: dict[str, Any]) -> None:
    job = Job(script, inputs, stdin)
    assert decode_job(encode_job(job)) == job


@given(
    texts=st.tuples(st.text(), st.text(), st.text()).filter(
        lambda texts: not any("\ud800" <= character <= "\udfff" for text in texts for character in text)
    )
)
def test_outcome_has_a_json_text_for_each_large_value_whatever_it_contains(texts: tuple[str, ...]) -> None:
    result, stdout, message = texts
    for outcome in (
        Outcome(result={result: [result]}, stdout=stdout, stderr=message),
        Outcome(error=JobError(ErrorType.EXIT, message, traceback=result), stdout=stdout),
    ):
        stored = encode_outcome(outcome)
        assert json.loads(stored)["stdout"] == stdout
        assert decode_outcome(stored.encode()).stdout == encode(stdout).encode()
        assert decode_to_outcome(stored) == outcome


def test_decode_outcome_reads_the_form_on_one_line() -> None:
    for outcome in (OUTCOME, Outcome(result={"a": {}})):
        assert decode_to_outcome(json.dumps(json.loads(encode_outcome(outcome)))) == outcome
