"""Checks that every deployment of the service must pass, over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from api.schemas import Consumer, Ready
from tests.support.examples import Example


@contextmanager
def client_with_key(url: str, key: str) -> Iterator[httpx.Client]:
    """Yield a client that sends an API key."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        yield client


def only_worker(client: httpx.Client) -> Consumer:
    """Return the only worker that GET /health/ready lists."""
    (worker,) = Ready.model_validate_json(client.get("/health/ready").content).workers
    return worker


def assert_key_is_required(client: httpx.Client) -> None:
    """Check that the API answers 401 to a request without a key."""
    answer = client.post(
        "/execute", json={"script": "def main():\n    return {}"}, headers={"Authorization": ""}
    )
    assert answer.status_code == 401


def assert_memory_is_limited(client: httpx.Client) -> None:
    """Check that a script that allocates a gigabyte ends with `memory_limit`."""
    answer = client.post("/execute", json={"script": "def main():\n    return {'n': len(' ' * 10**9)}"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "memory_limit")


def assert_example_succeeds(client: httpx.Client, example: Example) -> dict[str, Any]:
    """Check that an example gets its documented answer, and return the job object."""
    answer = client.post("/execute", json={"script": example.script, **example.request})
    assert answer.status_code == 200, f"{example.name}: {answer.text}"
    job: dict[str, Any] = answer.json()
    assert {field: job[field] for field in example.answer} == example.answer
    return job
