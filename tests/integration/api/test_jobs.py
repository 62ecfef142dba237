"""`POST /jobs` and `GET /jobs/<id>`: submitting a job and looking it up."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from config.redis import connect
from store import keys
from tests.support.answers import content
from tests.support.api import BODY, SCRIPT
from tests.support.worker import SUCCESS, StubWorker

KEY = {"Idempotency-Key": "k-1"}


def test_submission_answers_202_with_the_location_when_the_job_is_queued(
    client: FlaskClient, worker: StubWorker
) -> None:
    response = client.post("/jobs", json=BODY)
    assert response.status_code == 202
    assert content(response)["status"] == "queued"
    assert response.headers["Location"] == f"/jobs/{content(response)['id']}"
    assert worker.take().id == content(response)["id"]


def test_lookup_shows_the_status_when_the_job_is_queued_running_and_final(
    client: FlaskClient, worker: StubWorker
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    assert content(client.get(path))["status"] == "queued"
    job = worker.take()
    assert content(client.get(path))["status"] == "running"
    worker.end(job)
    response = client.get(path)
    assert response.status_code == 200
    assert content(response)["status"] == "succeeded"
    assert content(response)["finished_at"] is not None


def test_lookup_waits_until_the_job_is_final_when_asked_to_wait(
    app: OpenAPI, client: FlaskClient, worker: StubWorker
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(lambda: app.test_client().get(path, query_string={"wait": 30}))
        worker.end(worker.take(), SUCCESS)
        assert content(waiting.result(10))["status"] == "succeeded"


def test_lookup_answers_at_once_when_the_job_is_already_final(
    client: FlaskClient, worker: StubWorker
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    worker.end(worker.take())
    assert content(client.get(path, query_string={"wait": 60}))["status"] == "succeeded"


def test_lookup_shows_the_queued_job_when_the_wait_ends_first(client: FlaskClient) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    response = client.get(path, query_string={"wait": 0.1})
    assert response.status_code == 200
    assert content(response)["status"] == "queued"


@pytest.mark.parametrize("wait", ["-1", "61", "nan", "inf", "x", "", "1e999"])
def test_lookup_answers_400_when_the_wait_is_out_of_range(client: FlaskClient, wait: str) -> None:
    response = client.get("/jobs/x", query_string={"wait": wait})
    assert response.status_code == 400
    assert content(response)["error"]["field"] == "wait"


@pytest.mark.parametrize("job_id", ["x", "0" * 32, "%00", "%ff", "..", "a b", "*", "é", "x" * 1000])
def test_lookup_answers_404_when_the_job_is_unknown(client: FlaskClient, job_id: str) -> None:
    for query in ({}, {"wait": "1"}):
        response = client.get(f"/jobs/{job_id}", query_string=query)
        assert response.status_code == 404
        assert content(response)["error"]["type"] == "not_found"


def test_submission_returns_the_same_job_when_it_is_repeated(client: FlaskClient) -> None:
    first = client.post("/jobs", json=BODY, headers=KEY)
    again = client.post("/jobs", json={"stdin": "", **BODY}, headers=KEY)
    assert again.status_code == 202
    assert content(again) == content(first)
    assert again.headers["Location"] == first.headers["Location"]


def test_submission_answers_409_when_the_idempotency_key_has_another_body(client: FlaskClient) -> None:
    client.post("/jobs", json=BODY, headers=KEY)
    other = client.post("/jobs", json={"script": SCRIPT + "\n"}, headers=KEY)
    assert other.status_code == 409
    assert content(other)["error"]["type"] == "conflict"


def test_submission_leaves_no_notification_when_it_repeats_a_running_job(
    client: FlaskClient, worker: StubWorker
) -> None:
    client.post("/jobs", json=BODY, headers=KEY)
    worker.take()
    again = client.post("/jobs", json=BODY, headers=KEY)
    assert content(again)["status"] == "running"
    assert worker.notifications() == 0


def test_submission_queues_a_new_job_when_the_job_of_its_key_has_expired(
    client: FlaskClient, redis_url: str
) -> None:
    first = client.post("/jobs", json=BODY, headers=KEY)
    with connect(redis_url) as redis:
        redis.delete(keys.job(content(first)["id"]))
    again = client.post("/jobs", json=BODY, headers=KEY)
    assert again.status_code == 202
    assert content(again)["id"] != content(first)["id"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_submission_answers_400_when_the_idempotency_key_is_empty_or_too_long(
    client: FlaskClient, key: str
) -> None:
    response = client.post("/jobs", json=BODY, headers={"Idempotency-Key": key})
    assert response.status_code == 400
    assert content(response)["error"]["field"] == "Idempotency-Key"


def test_lookup_passes_on_large_values_as_the_worker_has_stored_them(
    client: FlaskClient, worker: StubWorker, redis_url: str
) -> None:
    path = client.post("/jobs", json=BODY).headers["Location"]
    job = worker.take()
    worker.end(job)
    with connect(redis_url) as redis:
        stored = redis.hget(keys.job(job.id), "outcome")
        assert stored is not None
        redis.hset(keys.job(job.id), "outcome", stored.replace('{"ok":true}', '{"ok" : true}'))
    assert b',"result":{"ok" : true},"stdout":"hi\\n",' in client.get(path).data
    assert b',"result":{"ok" : true},"stdout":"hi\\n",' in client.get("/jobs").data
    assert b',"result":{"ok" : true},"stdout":"hi\\n",' in client.delete(path).data
