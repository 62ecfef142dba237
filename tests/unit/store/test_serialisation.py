import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.environment import Environment, Package
from jobs.files import Artifact, File
from jobs.job import Job
from jobs.json_text import encode
from jobs.limits import Limits
from jobs.mode import Mode
from jobs.outcome import ErrorType, JobError, Outcome, SandboxKind, Usage
from store.serialisation import (
    decode_environment,
    decode_job,
    decode_limits,
    decode_outcome,
    decode_worker,
    encode_environment,
    encode_job,
    encode_limits,
    encode_outcome,
    encode_worker,
)
from store.worker import Worker
from tests.support.stored_outcome import decoded


def decode_to_job(text: str) -> Job:
    return decode_job(text)[0]


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

DATA = Environment(
    "data",
    "3.11.7",
    "sha256:1",
    (Package("numpy", "2.4.6", "BSD-3-Clause"), Package("pillow", "12.0.0", "")),
    ("PIL", "numpy"),
    ("numpy",),
)

FORMS: list[tuple[Any, Callable[[Any], str], Callable[[str], Any]]] = [
    (Job("s", {"a": [1, None]}, "in", Limits(1, 2, 32, 4)), encode_job, decode_to_job),
    (Job("s", mode=Mode.PROGRAM, argv=("-v", "é\n")), encode_job, decode_to_job),
    (Limits(1, 2, 32, 4), encode_limits, decode_limits),
    (OUTCOME, encode_outcome, decode_to_outcome),
    (Outcome(result={"a": {}}), encode_outcome, decode_to_outcome),
    (Outcome(exit_code=0), encode_outcome, decode_to_outcome),
    (Job("s", environment="data"), encode_job, decode_to_job),
    (Job("s", artifacts=("*.png", "out/**"), stream=True), encode_job, decode_to_job),
    (Outcome(result={}, environment_digest="sha256:1"), encode_outcome, decode_to_outcome),
    (
        Outcome(result={}, artifacts=(Artifact("a", 0, "ab"), Artifact('ü\\"/b', 9, None))),
        encode_outcome,
        decode_to_outcome,
    ),
    (Outcome(result={}, artifacts_truncated=True), encode_outcome, decode_to_outcome),
    (Worker("host-1", "nsjail", "namespaces"), encode_worker, decode_worker),
    (Worker("host-1", "nsjail", "namespaces", ("stdlib", "data")), encode_worker, decode_worker),
    (
        Worker("h", "nsjail", "", version="1.0", python="3.12.1", jobs_at_once=4, started_ms=5),
        encode_worker,
        decode_worker,
    ),
    (Environment("stdlib", "3.11.7"), encode_environment, decode_environment),
    (DATA, encode_environment, decode_environment),
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


def test_encode_job_gives_the_form_of_an_earlier_version_when_the_job_uses_nothing_newer() -> None:
    assert encode_job(Job("s", {"a": 1}, "in", Limits(1, 2, 32, 4))) == (
        '{"script":"s","inputs":{"a":1},"stdin":"in",'
        '"limits":{"timeout":1,"cpu":2,"memory_mb":32,"processes":4}}'
    )


def test_encode_job_names_each_file_by_its_digest_and_not_its_content() -> None:
    job = Job("s", files=(File("a", b"abc"), File("ü/b", bytes(9))))
    stored = encode_job(job)
    assert [list(one) for one in json.loads(stored)["files"]] == [["path", "size", "sha256"]] * 2
    assert json.loads(stored)["files"][0]["sha256"].startswith("ba7816bf")
    assert decode_job(stored) == (replace(job, files=()), 2)
    assert encode_job(replace(job, files=(File("a", b"abd"), job.files[1]))) != stored


def test_encode_outcome_gives_the_form_of_an_earlier_version_in_stdlib() -> None:
    stored = json.loads(encode_outcome(OUTCOME))
    assert "environment_digest" not in stored
    assert "artifacts" not in stored
    assert list(stored["truncated"]) == ["stdout", "stderr"]


def test_decode_worker_reads_the_form_of_an_earlier_version_without_environments() -> None:
    earlier = '{"id":"host-1","sandbox":"nsjail","detail":"namespaces"}'
    assert decode_worker(earlier) == Worker("host-1", "nsjail", "namespaces", ("stdlib",))


def test_decode_outcome_reads_the_form_of_an_earlier_version_without_an_exit_code() -> None:
    earlier = json.loads(encode_outcome(OUTCOME))
    del earlier["exit_code"]
    assert decode_to_outcome(json.dumps(earlier)) == replace(OUTCOME, exit_code=None)


@given(script=st.text(), stdin=st.text(), inputs=st.dictionaries(st.text(), st.text() | st.integers()))
def test_job_survives_when_it_holds_any_text(script: str, stdin: str, inputs: dict[str, Any]) -> None:
    job = Job(script, inputs, stdin)
    assert decode_to_job(encode_job(job)) == job


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
