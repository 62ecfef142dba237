"""`POST /jobs` with a list: several jobs in one request."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.limits import REQUEST_BYTES
from jobs.outcome import Outcome, SandboxKind
from tests.support.answers import error_of
from tests.support.worker import StubWorker

SCRIPT = "def main(n=0):\n    return {'n': n}"
KEY = {"Idempotency-Key": "k-1"}


def batch(count: int) -> list[dict[str, Any]]:
    return [{"script": SCRIPT, "inputs": {"n": n}} for n in range(count)]


@pytest.mark.parametrize("count", [1, 3, 100])
def test_batch_queues_every_job_in_order_when_it_is_valid(
    client: FlaskClient, worker: StubWorker, count: int
) -> None:
    response = client.post("/jobs", json=batch(count))
    assert response.status_code == 202
    assert "Location" not in response.headers
    assert response.json is not None
    ids = [job["id"] for job in response.json]
    assert all(job["status"] == "queued" for job in response.json)
    taken = [worker.take() for _ in range(count)]
    assert [job.id for job in taken] == ids
    assert [job.job.inputs["n"] for job in taken] == list(range(count))


@pytest.mark.parametrize(
    ("change", "field", "type"),
    [
        ({"script": 5}, "[2].script", "invalid_request"),
        ({"limits": {"timeout": 99}}, "[2].limits.timeout", "invalid_request"),
        ({"limits": {"timeout": "x"}}, "[2].limits.timeout", "invalid_request"),
        ({"extra": 1}, "[2].extra", "invalid_request"),
        ({"priority": "urgent"}, "[2].priority", "invalid_request"),
        ({"script": "def main(:"}, "[2].script", "syntax_error"),
        ({"script": "import numpy\ndef main(): ..."}, "[2].script", "forbidden_import"),
        ({"script": "x = 1"}, "[2].script", "missing_main"),
    ],
)
def test_batch_queues_no_job_and_names_the_bad_one_when_one_is_invalid(
    client: FlaskClient, worker: StubWorker, change: dict[str, Any], field: str, type: str
) -> None:
    jobs = batch(4)
    jobs[2] |= change
    error = error_of(client.post("/jobs", json=jobs), 400)
    assert (error["type"], error["field"]) == (type, field)
    assert worker.notifications() == 0
    assert client.get("/jobs").json == {"jobs": [], "unknown": [], "next": None}


@pytest.mark.parametrize("jobs", [[], [1], [None], ["x"], [[]], batch(101)])
def test_batch_is_refused_when_it_is_no_list_of_1_to_100_objects(
    client: FlaskClient, jobs: list[Any]
) -> None:
    assert error_of(client.post("/jobs", json=jobs), 400)["type"] == "invalid_request"


def test_execute_answers_400_when_the_body_is_a_list(client: FlaskClient) -> None:
    error = error_of(client.post("/execute", json=batch(1)), 400)
    assert error["message"] == "the body must be a JSON object"


def test_batch_answers_413_when_it_exceeds_the_body_limit(client: FlaskClient) -> None:
    jobs = [{"script": SCRIPT + "#" * (REQUEST_BYTES // 50)} for _ in range(60)]
    response = client.post("/jobs", data=json.dumps(jobs), content_type="application/json")
    assert error_of(response, 413)["type"] == "too_large"


def test_batch_returns_the_same_jobs_when_it_is_repeated(client: FlaskClient, worker: StubWorker) -> None:
    first = client.post("/jobs", json=batch(3), headers=KEY)
    again = client.post("/jobs", json=batch(3), headers=KEY)
    assert again.status_code == 202
    assert again.json == first.json
    for _ in range(3):
        worker.take()
    assert worker.poll(0.1) is None


def test_repeated_batch_answers_with_at_most_a_page_of_outcomes(
    client: FlaskClient, worker: StubWorker
) -> None:
    first = client.post("/jobs", json=batch(20), headers=KEY).json
    for _ in range(20):
        worker.end(worker.take(), Outcome(sandbox=SandboxKind.NSJAIL, result={}, stdout="x" * 900_000))
    again = client.post("/jobs", json=batch(20), headers=KEY)
    assert again.status_code == 202
    assert len(again.data) < 5_000_000
    assert first is not None
    assert again.json is not None
    assert [job["id"] for job in again.json] == [job["id"] for job in first]
    assert all(job["status"] == "succeeded" for job in again.json)
    assert [job["stdout"] is not None for job in again.json] == [True] * 4 + [False] * 16


def test_batch_answers_409_when_the_idempotency_key_has_another_batch(client: FlaskClient) -> None:
    client.post("/jobs", json=batch(3), headers=KEY)
    assert error_of(client.post("/jobs", json=batch(2), headers=KEY), 409)["type"] == "conflict"


def test_worker_claims_jobs_by_priority_when_several_are_queued(
    client: FlaskClient, worker: StubWorker
) -> None:
    priorities = ["low", "normal", "high", "low", "high"]
    client.post("/jobs", json=[{"script": SCRIPT, "priority": priority} for priority in priorities])
    taken = [worker.take().id for _ in priorities]
    found = client.get("/jobs", query_string={"ids": ",".join(taken)}).json
    submitted = client.get("/jobs").json
    assert found is not None
    assert submitted is not None
    order = [job["id"] for job in reversed(submitted["jobs"])]
    assert [order.index(job_id) for job_id in taken] == [2, 4, 1, 0, 3]
