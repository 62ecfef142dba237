"""API keys: which requests need one, and which jobs a key can see."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from tests.support.answers import content, error_of
from tests.support.api import BODY, running_app
from tests.support.credentials import make_keys
from tests.support.worker import SUCCESS, StubWorker

CALLS = [
    ("POST", "/execute"),
    ("POST", "/jobs"),
    ("GET", "/jobs"),
    ("GET", "/jobs/x"),
    ("DELETE", "/jobs/x"),
    ("GET", "/metrics"),
    ("GET", "/queue.json"),
    ("GET", "/environments"),
]


@dataclass(frozen=True)
class Keyed:
    """A client of an application with two keys, and the headers of each."""

    client: FlaskClient
    shop: dict[str, str]
    school: dict[str, str]


@pytest.fixture
def keyed(redis_url: str) -> Iterator[Keyed]:
    credentials, (shop, school) = make_keys("shop", "school")
    with running_app(redis_url, credentials) as app:
        yield Keyed(app.test_client(), shop, school)


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic c2hvcDp4", "x", "Bearer é", "bearer \x00"]
)
def test_api_answers_401_when_the_key_is_missing_or_unknown(
    keyed: Keyed, method: str, path: str, sent: str | None
) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    response = keyed.client.open(path, method=method, headers=headers, data=b"{")
    assert error_of(response, 401)["type"] == "unauthorized"
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/health/live", "/openapi.json", "/docs"])
def test_liveness_and_documentation_answer_200_when_no_key_is_sent(keyed: Keyed, path: str) -> None:
    assert keyed.client.get(path).status_code == 200


def test_readiness_asks_for_no_key_when_keys_are_configured(keyed: Keyed) -> None:
    assert keyed.client.get("/health/ready").status_code == 503


def test_document_declares_the_key_when_an_operation_needs_it(keyed: Keyed, client: FlaskClient) -> None:
    paths = content(keyed.client.get("/openapi.json"))["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            assert ("security" in operation) == (not path.startswith("/health/")), path
    without_keys = content(client.get("/openapi.json"))["paths"]
    assert not any(
        "security" in operation for operations in without_keys.values() for operation in operations.values()
    )


def test_job_is_unknown_when_another_key_asks_for_it(keyed: Keyed, worker: StubWorker) -> None:
    path = keyed.client.post("/jobs", json=BODY, headers=keyed.shop).headers["Location"]
    job_id = path.removeprefix("/jobs/")
    for method, query in (("GET", ""), ("GET", "?wait=1"), ("DELETE", "")):
        response = keyed.client.open(path + query, method=method, headers=keyed.school)
        assert response.status_code == 404
        assert content(response) == content(keyed.client.get("/jobs/x", headers=keyed.school))
    page = content(keyed.client.get(f"/jobs?ids={job_id}", headers=keyed.school))
    assert (page["jobs"], page["unknown"]) == ([], [job_id])
    assert content(keyed.client.get("/jobs", headers=keyed.school))["jobs"] == []
    worker.end(worker.take(), SUCCESS)
    assert content(keyed.client.get(path, headers=keyed.shop))["status"] == "succeeded"
    assert keyed.client.delete(path, headers=keyed.school).status_code == 404
    assert len(content(keyed.client.get("/jobs", headers=keyed.shop))["jobs"]) == 1


def test_idempotency_key_names_two_jobs_when_two_api_keys_use_it(keyed: Keyed) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = keyed.client.post("/jobs", json=BODY, headers=keyed.shop | key)
    other = keyed.client.post("/jobs", json=BODY | {"stdin": "x"}, headers=keyed.school | key)
    again = keyed.client.post("/jobs", json=BODY, headers=keyed.shop | key)
    assert other.status_code == 202
    assert content(again)["id"] == content(first)["id"] != content(other)["id"]
