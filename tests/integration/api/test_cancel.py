"""`DELETE /jobs/<id>`: cancelling a job."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from tests.support.answers import content
from tests.support.api import BODY
from tests.support.worker import SUCCESS, StubWorker


@pytest.mark.parametrize("running", [False, True])
def test_delete_cancels_the_job_when_it_is_queued_or_running(
    client: FlaskClient, worker: StubWorker, running: bool
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    if running:
        worker.take()
    response = client.delete(path)
    assert response.status_code == 200
    assert content(response)["status"] == "cancelled"
    assert content(response)["finished_at"] is not None
    assert content(client.get(path)) == content(response)


def test_worker_claims_no_job_when_it_was_cancelled_while_queued(
    client: FlaskClient, worker: StubWorker
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    client.delete(path)
    assert worker.poll(0.1) is None


def test_execute_answers_422_when_its_job_is_cancelled(
    app: OpenAPI, client: FlaskClient, worker: StubWorker
) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: app.test_client().post("/execute", json=BODY))
        job = worker.take()
        client.delete(f"/jobs/{job.id}")
        response = waiting.result(10)
    assert response.status_code == 422
    assert content(response)["status"] == "cancelled"


def test_delete_answers_409_with_the_job_when_it_is_final(client: FlaskClient, worker: StubWorker) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    worker.end(worker.take(), SUCCESS)
    found = content(client.get(path))
    response = client.delete(path)
    assert response.status_code == 409
    error = {"type": "already_final", "message": "the job has already succeeded"}
    assert content(response) == found | {"error": error}
    assert content(client.get(path)) == found


def test_delete_answers_409_when_the_job_is_already_cancelled(client: FlaskClient) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    assert client.delete(path).status_code == 200
    assert client.delete(path).status_code == 409


@pytest.mark.parametrize("job_id", ["x", "0" * 32, "%00", "é", "x" * 1000])
def test_delete_answers_404_when_the_job_is_unknown(client: FlaskClient, job_id: str) -> None:
    response = client.delete(f"/jobs/{job_id}")
    assert response.status_code == 404
    assert content(response)["error"]["type"] == "not_found"
