"""Admission control: the API refuses a job at once, with the time after which the client may retry."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.answers import content, error_of
from tests.support.api import BODY, SCRIPT, running_app
from tests.support.credentials import make_keys
from tests.support.worker import StubWorker

MakeApp = Callable[..., tuple[FlaskClient, dict[str, str], dict[str, str]]]


@pytest.fixture
def make_app(redis_url: str) -> Iterator[MakeApp]:
    """Return a function that makes an application; it returns a client and the headers of two keys."""
    with ExitStack() as stack:

        def make(**settings: Any) -> tuple[FlaskClient, dict[str, str], dict[str, str]]:
            credentials, (shop, school) = make_keys("shop", "school")
            app = stack.enter_context(running_app(redis_url, credentials, **settings))
            return app.test_client(), shop, school

        yield make


def check_refusal(response: TestResponse, type: str) -> str:
    """Check that the API refused a job; return the message of the error."""
    error = error_of(response, 429)
    assert int(response.headers["Retry-After"]) >= 1
    assert error["type"] == type
    return str(error["message"])


@pytest.mark.parametrize("path", ["/jobs", "/execute"])
def test_admission_refuses_only_one_key_when_the_queue_of_this_key_is_full(
    make_app: MakeApp, path: str
) -> None:
    client, shop, school = make_app(key_queued_max=3, execute_wait=0.01)
    for _ in range(3):
        assert client.post("/jobs", json=BODY, headers=shop).status_code == 202
    assert "key" in check_refusal(client.post(path, json=BODY, headers=shop), "queue_full")
    assert client.post(path, json=BODY, headers=school).status_code == 202


def test_admission_refuses_a_key_below_its_bound_when_the_service_is_full(make_app: MakeApp) -> None:
    client, shop, school = make_app(queue_max=2)
    for headers in (shop, school):
        assert client.post("/jobs", json=BODY, headers=headers).status_code == 202
    assert "service" in check_refusal(client.post("/jobs", json=BODY, headers=shop), "queue_full")


def test_admission_refuses_the_whole_batch_when_a_part_does_not_fit(
    make_app: MakeApp, worker: StubWorker
) -> None:
    client, shop, _ = make_app(key_queued_max=3)
    check_refusal(client.post("/jobs", json=[BODY] * 4, headers=shop), "queue_full")
    assert worker.notifications() == 0
    assert client.post("/jobs", json=[BODY] * 3, headers=shop).status_code == 202


def test_admission_refuses_only_one_key_when_this_key_exceeds_its_rate(make_app: MakeApp) -> None:
    client, shop, school = make_app(key_rate=0.1)
    assert client.post("/jobs", json=BODY, headers=shop).status_code == 202
    response = client.post("/jobs", json=BODY, headers=shop)
    check_refusal(response, "rate_limited")
    assert 8 <= int(response.headers["Retry-After"]) <= 10
    assert client.post("/jobs", json=BODY, headers=school).status_code == 202


def test_admission_refuses_only_one_key_when_its_jobs_fill_its_bytes(make_app: MakeApp) -> None:
    client, shop, school = make_app(key_bytes_max=2000)
    assert client.post("/jobs", json=BODY, headers=shop).status_code == 202
    message = check_refusal(client.post("/jobs", json=BODY, headers=shop), "storage_full")
    assert "KEY_BYTES_MAX" in message
    assert client.post("/jobs", json=BODY, headers=school).status_code == 202


def test_admission_accepts_a_repeat_when_its_idempotency_key_is_known(make_app: MakeApp) -> None:
    client, shop, _ = make_app(key_queued_max=1, key_rate=0.1)
    headers = shop | {"Idempotency-Key": "k-1"}
    first = client.post("/jobs", json=BODY, headers=headers)
    again = client.post("/jobs", json=BODY, headers=headers)
    assert content(again)["id"] == content(first)["id"]


@pytest.mark.parametrize("script", [SCRIPT, SCRIPT + "\n" * 500_000])
def test_admission_refuses_within_50_ms_when_the_queue_is_full(make_app: MakeApp, script: str) -> None:
    client, shop, _ = make_app(key_queued_max=1)
    client.post("/jobs", json=BODY, headers=shop)
    durations = []
    for _ in range(20):
        started = time.monotonic()
        check_refusal(client.post("/jobs", json={"script": script}, headers=shop), "queue_full")
        durations.append(time.monotonic() - started)
    assert sorted(durations)[10] < 0.05
