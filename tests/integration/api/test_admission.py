"""What is not let in is turned away at once, and is told when to come back."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from config.names import DISTRIBUTION
from config.settings import Settings
from tests.support import access
from tests.support.answers import content
from tests.support.worker import StubWorker

BODY = {"script": "def main():\n    return {}"}

Bounded = Callable[..., tuple[FlaskClient, dict[str, str], dict[str, str]]]


@pytest.fixture
def bounded(redis_url: str) -> Iterator[Bounded]:
    """Yield what makes an application with settings: a client, and the headers of two keys."""
    with ExitStack() as stack:

        def make(**settings: Any) -> tuple[FlaskClient, dict[str, str], dict[str, str]]:
            credentials, (shop, school) = access.keys("shop", "school")
            app = create_app(Settings(redis_url=redis_url, **settings), credentials)
            stack.callback(app.extensions[DISTRIBUTION].close)
            return app.test_client(), shop, school

        yield make


def turned_away(response: TestResponse, type: str) -> str:
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1
    error = content(response)["error"]
    assert error["type"] == type
    return str(error["message"])


@pytest.mark.parametrize("path", ["/jobs", "/execute"])
def test_admission_refuses_only_one_key_when_the_queue_of_this_key_is_full(
    bounded: Bounded, path: str
) -> None:
    client, shop, school = bounded(key_queued_max=3, execute_wait=0.01)
    for _ in range(3):
        assert client.post("/jobs", json=BODY, headers=shop).status_code == 202
    assert "key" in turned_away(client.post(path, json=BODY, headers=shop), "queue_full")
    assert client.post(path, json=BODY, headers=school).status_code == 202


def test_admission_refuses_a_key_below_its_bound_when_the_service_is_full(bounded: Bounded) -> None:
    client, shop, school = bounded(queue_max=2)
    for headers in (shop, school):
        assert client.post("/jobs", json=BODY, headers=headers).status_code == 202
    assert "service" in turned_away(client.post("/jobs", json=BODY, headers=shop), "queue_full")


def test_admission_refuses_the_whole_batch_when_a_part_does_not_fit(
    bounded: Bounded, worker: StubWorker
) -> None:
    client, shop, _ = bounded(key_queued_max=3)
    turned_away(client.post("/jobs", json=[BODY] * 4, headers=shop), "queue_full")
    assert worker.notifications() == 0
    assert client.post("/jobs", json=[BODY] * 3, headers=shop).status_code == 202


def test_admission_refuses_only_one_key_when_this_key_exceeds_its_rate(bounded: Bounded) -> None:
    client, shop, school = bounded(key_rate=0.1)
    assert client.post("/jobs", json=BODY, headers=shop).status_code == 202
    response = client.post("/jobs", json=BODY, headers=shop)
    turned_away(response, "rate_limited")
    assert 8 <= int(response.headers["Retry-After"]) <= 10
    assert client.post("/jobs", json=BODY, headers=school).status_code == 202


def test_admission_accepts_a_repeat_when_its_idempotency_key_is_known(bounded: Bounded) -> None:
    client, shop, _ = bounded(key_queued_max=1, key_rate=0.1)
    headers = shop | {"Idempotency-Key": "k-1"}
    first = client.post("/jobs", json=BODY, headers=headers)
    again = client.post("/jobs", json=BODY, headers=headers)
    assert content(again)["id"] == content(first)["id"]


@pytest.mark.parametrize("script", [BODY["script"], BODY["script"] + "\n" * 500_000])
def test_admission_refuses_within_50_ms_when_the_queue_is_full(bounded: Bounded, script: str) -> None:
    client, shop, _ = bounded(key_queued_max=1)
    client.post("/jobs", json=BODY, headers=shop)
    took = []
    for _ in range(20):
        began = time.monotonic()
        turned_away(client.post("/jobs", json={"script": script}, headers=shop), "queue_full")
        took.append(time.monotonic() - began)
    assert sorted(took)[10] < 0.05
