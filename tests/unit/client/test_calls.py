from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_executor.artifact import ArtifactInfo
from python_executor.calls import LATE, Calls
from python_executor.errors import (
    AuthenticationFailed,
    Conflict,
    JobNotFinished,
    NotFound,
    PythonExecutorError,
    RequestRefused,
    ScriptRefused,
    ServiceFault,
)
from python_executor.exchange import Answer, NoAnswer
from python_executor.execution import Execution, Status
from python_executor.script import Script
from tests.support.client_steps import BROKEN, REFUSED, SLOW, Performer, answer, error, job

TIMEOUT = 30.0
SCRIPT = Script(source="print(1)")

QUEUED = answer(202, job("queued"))
RUNNING = answer(200, job("running"))
DONE = answer(200, job("succeeded", stdout="1\n"))
FAILED = answer(422, job("failed", error={"type": "exit", "message": "exit code 3"}, exit_code=3))
SYNTAX = answer(400, {"error": {"type": "syntax_error", "message": "bad", "line": 1, "column": 2}})


class Client:
    """The calls of a client, performed with prepared answers."""

    def __init__(self, *answers: Answer | NoAnswer) -> None:
        self.performer = Performer()
        self._answers = answers
        self._calls = Calls[ArtifactInfo](TIMEOUT, self.performer.clock, lambda _, info: info)

    def __getattr__(self, name: str) -> Any:
        return lambda *values, **named: self.performer.perform(
            getattr(self._calls, name)(*values, **named), self._answers
        )


def test_run_waits_in_one_request_when_the_wait_is_long() -> None:
    client = Client(DONE)
    assert client.run(SCRIPT, "k", 300.0).stdout == "1\n"
    assert client.performer.paths == ["POST /execute"]


def test_run_goes_on_waiting_when_the_service_has_stopped_to() -> None:
    client = Client(QUEUED, RUNNING, DONE)
    assert client.run(SCRIPT, "k", 300.0).succeeded
    assert client.performer.paths == ["POST /execute", "GET /jobs/a", "GET /jobs/a"]


def test_run_names_the_job_that_has_not_ended_when_the_wait_is_short() -> None:
    client = Client(QUEUED, RUNNING)
    with pytest.raises(JobNotFinished) as raised:
        client.run(SCRIPT, "k", 2.0)
    assert raised.value.job_id == "a"
    assert client.performer.paths[0] == "POST /jobs"


def test_run_learns_the_job_even_when_the_wait_is_zero() -> None:
    client = Client(REFUSED, QUEUED)
    with pytest.raises(JobNotFinished) as raised:
        client.run(SCRIPT, "k", 0.0)
    assert raised.value.job_id == "a"
    assert client.performer.paths == ["POST /jobs", "POST /jobs"]


def test_run_returns_a_script_that_failed() -> None:
    execution = Client(FAILED).run(SCRIPT, "k", 300.0)
    assert (execution.status, execution.exit_code) == (Status.FAILED, 3)


def test_run_returns_a_script_that_was_refused() -> None:
    execution = Client(SYNTAX).run(SCRIPT, "k", 300.0)
    assert execution.status is Status.REFUSED
    assert execution.error is not None
    assert (execution.error.type, execution.error.line, execution.error.column) == ("syntax_error", 1, 2)
    assert execution.id == ""


def test_run_names_the_job_when_the_service_goes_away_while_it_runs() -> None:
    client = Client(QUEUED, REFUSED)
    with pytest.raises(ServiceFault) as raised:
        client.run(SCRIPT, "k", 300.0)
    assert raised.value.job_id == "a"
    assert client.performer.elapsed <= TIMEOUT + 1


def test_run_sends_one_key_and_one_body_with_every_retry() -> None:
    client = Client(BROKEN, error(503), REFUSED, DONE)
    client.run(SCRIPT, "the key", 300.0)
    assert {send.request.headers["Idempotency-Key"] for send in client.performer.sent} == {"the key"}
    assert len({send.request.body for send in client.performer.sent}) == 1


def test_run_stays_patient_when_a_proxy_ends_its_long_requests() -> None:
    client = Client(*[error(504)] * 20, DONE)
    assert client.run(SCRIPT, "k", 300.0).succeeded


@pytest.mark.parametrize("wait", [0.0, 0.5, 2.0, 50.0, 100.0, 300.0])
@pytest.mark.parametrize("fault", [SLOW, REFUSED, error(429), error(503), error(504), BROKEN])
@pytest.mark.parametrize("accepted", [False, True])
def test_run_ends_by_its_bound_for_any_answers(wait: float, fault: Answer | NoAnswer, accepted: bool) -> None:
    client = Client(*([QUEUED] if accepted else []), fault)
    with pytest.raises((ServiceFault, JobNotFinished)):
        client.run(SCRIPT, "k", wait)
    assert client.performer.elapsed <= max(wait, TIMEOUT) + LATE + 0.1


@pytest.mark.parametrize("wait", [0.0, 0.5, 2.0, 50.0, 300.0])
@pytest.mark.parametrize("answers", [[SLOW], [RUNNING], [RUNNING, SLOW], [RUNNING, error(429)], [REFUSED]])
def test_wait_ends_by_its_bound_for_any_answers(wait: float, answers: list[Answer | NoAnswer]) -> None:
    client = Client(*answers)
    # The service answers "running" when the poll ends.
    client.performer.takes = lambda send: float(send.request.parameters["wait"])
    with pytest.raises((ServiceFault, JobNotFinished)):
        client.wait("a", wait)
    assert client.performer.elapsed <= max(wait + LATE, TIMEOUT) + 0.1


def test_wait_asks_at_least_once_when_it_may_not_wait() -> None:
    client = Client(DONE)
    assert client.wait("a", 0.0).succeeded
    assert client.performer.sent[0].request.parameters == {"wait": "0.000"}


def test_wait_raises_that_the_job_has_not_ended_when_the_service_is_away_at_last() -> None:
    client = Client(RUNNING, REFUSED)
    with pytest.raises(JobNotFinished, match="refused"):
        client.wait("a", 3.0)


@pytest.mark.parametrize("wait", [-1.0, float("nan")])
def test_wait_refuses_a_value_that_is_no_time(wait: float) -> None:
    with pytest.raises(ValueError, match="wait must not be negative"):
        Client(DONE).run(SCRIPT, "k", wait)
    with pytest.raises(ValueError, match="wait must not be negative"):
        Client(DONE).wait("a", wait)


def test_wait_may_be_endless() -> None:
    assert Client(*[RUNNING] * 100, DONE).wait("a", float("inf")).succeeded


def test_cancel_returns_the_cancelled_job() -> None:
    assert Client(answer(200, job("cancelled"))).cancel("a").status is Status.CANCELLED


def test_cancel_returns_the_cancelled_job_when_the_first_answer_was_lost() -> None:
    client = Client(BROKEN, error(409, "already_final"), answer(200, job("cancelled")))
    assert client.cancel("a").status is Status.CANCELLED
    assert client.performer.paths == ["DELETE /jobs/a", "DELETE /jobs/a", "GET /jobs/a"]


def test_cancel_raises_when_the_job_had_ended_otherwise() -> None:
    with pytest.raises(Conflict):
        Client(error(409, "already_final"), DONE).cancel("a")


def test_cancel_has_one_bound_for_all_its_requests() -> None:
    client = Client(error(503, retry_after="25"), error(409, "already_final"), SLOW)
    with pytest.raises(ServiceFault):
        client.cancel("a")
    assert client.performer.elapsed <= TIMEOUT + 0.1


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (error(401, "unauthorized"), AuthenticationFailed),
        (error(404, "not_found"), NotFound),
        (error(409, "conflict"), Conflict),
        (SYNTAX, ScriptRefused),
        (error(413, "too_large"), RequestRefused),
        (error(421, "host_not_allowed"), RequestRefused),
        (
            answer(400, {"error": {"type": "invalid_request", "message": "no", "field": "limits"}}),
            RequestRefused,
        ),
    ],
)
def test_submit_raises_the_error_of_a_refusal(refusal: Answer, kind: type[RequestRefused]) -> None:
    with pytest.raises(RequestRefused) as raised:
        Client(refusal).submit(SCRIPT, "k")
    assert type(raised.value) is kind
    assert raised.value.status == refusal.status


@pytest.mark.parametrize("status", [200, 301, 403, 404, 405, 413])
def test_call_raises_a_fault_when_a_proxy_answers_a_page(status: int) -> None:
    page = Answer(status, {"content-type": "text/html"}, b"<html>no</html>")
    calls: dict[str, tuple[Any, ...]] = {"get": ("a",), "submit": (SCRIPT, "k"), "run": (SCRIPT, "k", 300.0)}
    for name, arguments in calls.items():
        with pytest.raises(ServiceFault) as raised:
            getattr(Client(page), name)(*arguments)
        assert raised.value.status == status


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"a"', b"{}", b'{"id": "a"}', b"[" * 100_000]
)
def test_call_raises_a_fault_when_the_answer_is_other_json(content: bytes) -> None:
    for name, arguments in {"get": ("a",), "page": ((), None), "environments": ()}.items():
        client = Client(Answer(200, {}, content))
        if (name, content) == ("environments", b"[]"):
            continue
        with pytest.raises(ServiceFault):
            getattr(client, name)(*arguments)


@pytest.mark.parametrize("job_id", ["", ".", "..", "a" * 256])
def test_call_refuses_an_invalid_job_id(job_id: str) -> None:
    for name in ("get", "cancel", "delete_artifacts"):
        with pytest.raises(ValueError, match="not the id of a job"):
            getattr(Client(DONE), name)(job_id)


@given(st.text(min_size=1, max_size=60).filter(lambda text: text not in (".", "..")))
def test_id_of_a_job_stays_one_part_of_the_path(job_id: str) -> None:
    client = Client(error(404, "not_found"))
    with suppress(NotFound, UnicodeEncodeError):
        client.get(job_id)
    for path in client.performer.paths:
        assert path.count("/") == 2
        assert path.isascii()


def test_page_passes_the_statuses_and_the_cursor_on() -> None:
    client = Client(answer(200, {"jobs": [job("running")], "unknown": [], "next": "2"}))
    page, cursor = client.page(["running", "queued"], "1")
    assert [execution.id for execution in page] == ["a"]
    assert cursor == "2"
    expected = {"limit": "100", "status": "running,queued", "cursor": "1"}
    assert client.performer.sent[0].request.parameters == expected


def test_page_raises_a_fault_when_it_is_its_own_next() -> None:
    with pytest.raises(ServiceFault, match="do not end"):
        Client(answer(200, {"jobs": [], "next": "1"})).page([], "1")


def test_health_is_an_answer_whatever_the_service_does() -> None:
    for fault in (REFUSED, BROKEN, SLOW, error(503), error(500), Answer(200, {}, b"<html>")):
        client = Client(fault)
        health = client.health()
        assert not health.ready
        assert health.reason
        assert client.performer.elapsed <= TIMEOUT + 0.1


def test_health_asks_once_more_when_an_idle_connection_was_closed() -> None:
    assert Client(BROKEN, answer(200, {"workers": []})).health().ready


def test_health_does_not_wait_for_a_service_that_is_away() -> None:
    client = Client(REFUSED)
    client.health()
    assert len(client.performer.steps) == 1


def test_read_artifact_raises_when_the_sha256_differs() -> None:
    info = ArtifactInfo("a b/ü.txt", "text/plain", 2, "0" * 64)
    client = Client(Answer(200, {}, b"hi"))
    with pytest.raises(ServiceFault, match="SHA-256"):
        client.read_artifact("a", info)
    assert client.performer.paths == ["GET /jobs/a/artifacts/a%20b/%C3%BC.txt"]


def test_read_artifact_asks_for_no_bytes_that_were_dropped() -> None:
    client = Client(DONE)
    with pytest.raises(NotFound):
        client.read_artifact("a", ArtifactInfo("big", "text/plain", 10**9, None, dropped=True))
    assert not client.performer.steps


def test_every_error_of_a_call_is_one_of_the_client() -> None:
    kinds = (RequestRefused, ServiceFault, JobNotFinished)
    assert all(issubclass(kind, PythonExecutorError) for kind in kinds)
    assert isinstance(Execution(id="", status=Status.REFUSED), Execution)
