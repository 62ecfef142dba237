import json
import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor import decode
from python_executor.artifact import ArtifactInfo
from python_executor.errors import RequestRefused, ServiceFault
from python_executor.exchange import Answer
from python_executor.execution import Execution, ScriptError, Status, Truncated, Usage
from python_executor.fields import Fields
from python_executor.service_info import Environment, Health
from tests.support.client_steps import answer, error, job

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)

FULL = job(
    "failed",
    result={"a": [1, None]},
    stdout="out",
    stderr="err",
    truncated={"stdout": True, "stderr": False},
    error={"type": "exception", "message": "ValueError: x", "line": 3, "traceback": "Traceback"},
    usage={"wall_ms": 1.5, "cpu_ms": 1, "memory_peak_bytes": 9, "queued_ms": 2},
    exit_code=1,
    artifacts=[
        {"path": "a/b.png", "media_type": "image/png", "size": 1, "sha256": "0" * 64},
        {"path": "big", "media_type": "x", "size": 9, "sha256": None, "dropped": True},
    ],
    artifacts_truncated=True,
    environment="data",
    environment_digest="sha256:1",
    sandbox="nsjail",
    started_at="2026-01-01T12:00:00.002Z",
    news="a field of a later version",
)


def _decode(data: Any) -> Execution[ArtifactInfo]:
    return decode.decode(answer(200, data), lambda fields: decode.execution(fields, lambda _, info: info))


def test_execution_has_every_field_of_the_job() -> None:
    assert _decode(FULL) == Execution(
        id="a",
        status=Status.FAILED,
        result={"a": [1, None]},
        stdout="out",
        stderr="err",
        truncated=Truncated(stdout=True),
        error=ScriptError("exception", "ValueError: x", 3, None, "Traceback"),
        usage=Usage(1.5, 1, 9, 2),
        exit_code=1,
        artifacts=(
            ArtifactInfo("a/b.png", "image/png", 1, "0" * 64),
            ArtifactInfo("big", "x", 9, None, dropped=True),
        ),
        artifacts_truncated=True,
        environment="data",
        environment_digest="sha256:1",
        sandbox="nsjail",
        limits={"timeout": 5.0, "cpu": 5.0, "memory_mb": 256, "processes": 32},
        created_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
        started_at=datetime(2026, 1, 1, 12, 0, 0, 2000, tzinfo=UTC),
    )


def test_execution_has_defaults_where_the_job_has_null() -> None:
    execution = _decode(job())
    assert (execution.stdout, execution.usage, execution.error) == ("", Usage(), None)


@pytest.mark.parametrize("number", [10**400, -(10**400), math.inf, math.nan])
@pytest.mark.parametrize("name", ["wall_ms", "memory_peak_bytes"])
def test_number_that_cannot_be_calculated_with_is_a_fault(name: str, number: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is"):
        decode.execution(Fields(job(usage={name: number})), lambda _, info: info)


@pytest.mark.parametrize("name", ["id", "status", "artifacts", "artifacts_truncated", "environment"])
def test_execution_is_refused_when_a_field_is_missing(name: str) -> None:
    with pytest.raises(ServiceFault, match=name):
        _decode({key: value for key, value in FULL.items() if key != name})


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "..", "a/../b", "a//b", "a/", "./a", "a\x00b", "a\nb", "\x7f", "\ud800"]
)
def test_execution_is_refused_when_the_path_of_an_artifact_leads_elsewhere(path: str) -> None:
    info = {"path": path, "media_type": "x", "size": 1, "sha256": "0" * 64}
    with pytest.raises(ServiceFault):
        _decode(job(artifacts=[info]))


@pytest.mark.parametrize("path", [".hidden", "...", "a b", "é€.png", "\u202egnp.exe", "C:\\x", "-rf", "~"])
def test_execution_has_each_path_that_a_script_can_choose(path: str) -> None:
    info = {"path": path, "media_type": "x", "size": 1, "sha256": "0" * 64}
    assert _decode(job(artifacts=[info])).artifacts[0].path == path


@given(st.data(), JSON)
def test_execution_is_decoded_or_refused_whatever_a_field_is(data: st.DataObject, value: Any) -> None:
    place: Any = json.loads(json.dumps(FULL))
    changed = place
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if data.draw(st.booleans()):
            place[key] = value
            break
        place = place[key]
    with suppress(ServiceFault):
        _check_types(_decode(changed))


@given(JSON, st.sampled_from([200, 202, 400, 401, 404, 409, 422, 503]))
def test_any_json_is_decoded_or_refused(data: Any, status: int) -> None:
    found = answer(status, data)
    with pytest.raises(ServiceFault):
        decode.decode(found, lambda fields: decode.execution(fields, lambda _, info: info))
    for decoder in (decode.refusal, _environments, _health):
        try:
            value = decoder(found)
        except ServiceFault:
            continue
        assert isinstance(value, RequestRefused | tuple | Health)


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(content: bytes) -> None:
    for decoder in (decode.refusal, _environments, _health):
        try:
            decoder(Answer(200, {}, content))
        except ServiceFault:
            continue
        assert content.strip() == b"[]"


@given(JSON, JSON, JSON)
def test_any_error_is_decoded_or_refused(kind: Any, message: Any, field: Any) -> None:
    try:
        refusal = decode.refusal(answer(400, {"error": {"type": kind, "message": message, "field": field}}))
    except ServiceFault:
        return
    assert (refusal.type, str(refusal), refusal.field) == (kind, message, field)


def test_refusal_has_the_field_that_is_wrong() -> None:
    body = {"error": {"type": "invalid_request", "message": "limits.cpu: no", "field": "limits.cpu"}}
    refusal = decode.refusal(answer(400, body))
    assert (refusal.status, refusal.type, refusal.field) == (400, "invalid_request", "limits.cpu")


def test_environments_have_their_packages() -> None:
    package = {"name": "numpy", "version": "2", "license": ""}
    data = {"name": "data", "python": "3.14", "digest": None, "packages": [package]}
    found = _environments(answer(200, [{**data, "modules": ["numpy"], "preloaded": []}]))
    assert [(each.name, each.packages[0].name, each.modules) for each in found] == [
        ("data", "numpy", ("numpy",))
    ]


def test_health_is_refused_when_the_answer_is_an_error() -> None:
    with pytest.raises(ServiceFault):
        _health(error(503))


def _environments(found: Answer) -> tuple[Environment, ...]:
    return decode.decode_list(found, decode.environment)


def _health(found: Answer) -> Health:
    return decode.decode(found, decode.health)


def _check_types(execution: Execution[ArtifactInfo]) -> None:
    texts = (execution.id, execution.stdout, execution.stderr, execution.environment)
    assert all(isinstance(text, str) for text in texts)
    assert isinstance(execution.status, Status)
    assert execution.result is None or isinstance(execution.result, dict)
    assert execution.exit_code is None or type(execution.exit_code) is int
    assert type(execution.truncated.stdout) is bool
    for artifact in execution.artifacts:
        assert isinstance(artifact.path, str)
        assert type(artifact.size) is int
    for name in ("wall_ms", "cpu_ms", "queued_ms"):
        assert isinstance(getattr(execution.usage, name), int | float | None)
    for time in (execution.created_at, execution.started_at, execution.finished_at):
        assert time is None or time.tzinfo is not None
