import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor.artifact import ArtifactInfo
from python_executor.calls import Calls
from python_executor.errors import JobNotFinished, NotFound, PythonExecutorError, ServiceFault
from python_executor.events import Done, Output, Restarted, StatusChanged
from python_executor.exchange import Answer, NoAnswer
from python_executor.execution import Status
from python_executor.following import Follower
from python_executor.script import Script
from tests.support.client_steps import BROKEN, REFUSED, SLOW, Performer, answer, error, job

HEAD = {"content-type": "text/event-stream; charset=utf-8"}
TIMEOUT = 30.0


def _follower(
    wait: float = 300.0, *, job_id: str = "", performer: Performer | None = None
) -> Follower[ArtifactInfo]:
    calls = Calls[ArtifactInfo](TIMEOUT, (performer or Performer()).clock, lambda _, info: info)
    script = None if job_id else Script(source="print(1)")
    return Follower(calls, wait, job_id=job_id, script=script, key="the key")


def _event(follower: Follower[ArtifactInfo], name: str, event_id: str, **data: Any) -> Any:
    return follower.event(name, event_id, json.dumps(data))


def test_follower_submits_the_script_with_its_key_until_the_service_names_the_job() -> None:
    follower = _follower()
    for _ in range(2):
        request = follower.request()
        assert (request.method, request.path) == ("POST", "/execute")
        assert request.headers["Idempotency-Key"] == "the key"
        follower.connected(HEAD)
        follower.pause_after(BROKEN)
    _event(follower, "status", "0-0-0-queued", id="a", status="queued")
    assert follower.request().path == "/jobs/a/events"


def test_follower_resumes_after_the_last_event() -> None:
    follower = _follower(job_id="a")
    assert "Last-Event-ID" not in follower.request().headers
    assert _event(follower, "stdout", "1-3-0-running", text="é\n", offset=0) == Output("stdout", "é\n", 0)
    assert follower.request().headers["Last-Event-ID"] == "1-3-0-running"
    assert _event(follower, "stdout", "1-4-0-running", text="x", offset=3) == Output("stdout", "x", 3)


@pytest.mark.parametrize("offset", [0, 4])
def test_follower_raises_when_output_is_missing_or_comes_twice(offset: int) -> None:
    follower = _follower(job_id="a")
    _event(follower, "stdout", "1", text="abc", offset=0)
    with pytest.raises(ServiceFault, match="gap") as raised:
        _event(follower, "stdout", "2", text="d", offset=offset)
    assert raised.value.job_id == "a"


def test_follower_counts_the_output_anew_when_the_job_runs_again() -> None:
    follower = _follower(job_id="a")
    _event(follower, "stderr", "1", text="abc", offset=0)
    assert _event(follower, "restarted", "2", id="a") == Restarted("a")
    assert _event(follower, "stderr", "3", text="abc", offset=0) == Output("stderr", "abc", 0)


def test_follower_ends_with_the_execution() -> None:
    follower = _follower(job_id="a")
    done = _event(follower, "done", "9", **job("succeeded", stdout="1\n"))
    assert isinstance(done, Done)
    assert follower.execution is done.execution
    assert done.execution.status is Status.SUCCEEDED


def test_follower_skips_events_that_it_does_not_know() -> None:
    follower = _follower(job_id="a")
    assert follower.event("news", "7", "not even JSON") is None
    assert follower.request().headers["Last-Event-ID"] == "7"


@pytest.mark.parametrize(
    ("name", "event_id", "data"),
    [
        ("status", "1", '{"id": "b", "status": "queued"}'),
        ("status", "1", '{"id": "a", "status": "refused"}'),
        ("stdout", "1", '{"text": 1, "offset": 0}'),
        ("stdout", "1", '{"text": "", "offset": true}'),
        ("stdout", "1", '{"text": "\\ud800", "offset": 0}'),
        ("stdout", "é", '{"text": "", "offset": 0}'),
        ("stdout", "a\rb", '{"text": "", "offset": 0}'),
        ("done", "1", '{"id": "a"}'),
        ("done", "1", "[" * 100_000),
        ("restarted", "1", "{}"),
    ],
)
def test_follower_raises_a_fault_when_an_event_has_another_form(name: str, event_id: str, data: str) -> None:
    with pytest.raises(ServiceFault, match="form"):
        _follower(job_id="a").event(name, event_id, data)


@given(st.sampled_from(["status", "stdout", "stderr", "restarted", "done"]), st.text(), st.text())
def test_follower_takes_an_event_or_raises_a_fault_whatever_it_is(
    name: str, event_id: str, text: str
) -> None:
    follower = _follower(job_id="a")
    for data in (text, json.dumps({"id": "a", "status": text, "text": text, "offset": 0})):
        try:
            event = follower.event(name, event_id, data)
        except ServiceFault:
            continue
        assert isinstance(event, StatusChanged | Output | Restarted)


@pytest.mark.parametrize("kind", ["text/html", "application/json", ""])
def test_follower_raises_a_fault_when_the_answer_has_no_events(kind: str) -> None:
    with pytest.raises(ServiceFault, match="no events"):
        _follower().connected({"content-type": kind})


def test_follower_raises_what_refuses_its_request() -> None:
    with pytest.raises(NotFound):
        _follower(job_id="a").pause_after(error(404, "not_found"))
    with pytest.raises(ServiceFault):
        _follower(job_id="a").pause_after(Answer(204, {}, b""))
    with pytest.raises(ServiceFault):
        _follower(job_id="a").pause_after(answer(200, job("succeeded")))


def test_follower_connects_again_at_once_when_a_stream_breaks() -> None:
    follower = _follower(job_id="a")
    follower.connected(HEAD)
    assert follower.pause_after(BROKEN) == 0
    assert follower.pause_after(BROKEN) > 0


def test_follower_raises_that_the_job_has_not_ended_when_the_time_is_over() -> None:
    performer = Performer()
    follower = _follower(5.0, job_id="a", performer=performer)
    performer.now += 5
    with pytest.raises(JobNotFinished) as raised:
        follower.pause_after(SLOW)
    assert raised.value.job_id == "a"


def test_follower_gives_the_submission_its_time_when_the_wait_is_short() -> None:
    performer = Performer()
    follower = _follower(0.0, performer=performer)
    assert follower.remaining == TIMEOUT
    follower.pause_after(REFUSED)
    _event(follower, "status", "1", id="a", status="queued")
    assert follower.remaining == 0
    with pytest.raises(JobNotFinished):
        follower.pause_after(SLOW)


@pytest.mark.parametrize("fault", [REFUSED, BROKEN, SLOW, error(503), error(429)])
@pytest.mark.parametrize("job_id", ["", "a"])
@pytest.mark.parametrize("wait", [0.0, 3.0, 100.0])
def test_follower_gives_up_by_its_bound_when_the_service_does_not_come_back(
    fault: Answer | NoAnswer, job_id: str, wait: float
) -> None:
    performer = Performer()
    follower = _follower(wait, job_id=job_id, performer=performer)
    with suppress(PythonExecutorError):
        while performer.elapsed < 1000:
            performer.now += 0.001 + follower.pause_after(fault)
    assert performer.elapsed <= (wait if job_id else max(wait, TIMEOUT)) + 0.1


def test_follower_stays_patient_when_long_streams_break_often() -> None:
    performer = Performer()
    follower = _follower(10_000.0, job_id="a", performer=performer)
    for _ in range(20):
        follower.connected(HEAD)
        performer.now += 100
        performer.now += follower.pause_after(BROKEN)
    assert performer.elapsed > 2000
