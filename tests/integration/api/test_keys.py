"""What API keys let whom do."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from config.names import DISTRIBUTION
from config.settings import Settings
from tests.support import access
from tests.support.answers import content
from tests.support.worker import SUCCESS, StubWorker

BODY = {"script": "def main():\n    return {}"}

CALLS = [
    ("POST", "/execute"),
    ("POST", "/jobs"),
    ("GET", "/jobs"),
    ("GET", "/jobs/x"),
    ("DELETE", "/jobs/x"),
    ("GET", "/metrics"),
]


@dataclass(frozen=True)
class Keyed:
    """A client of an application with two keys, and the headers of each."""

    client: FlaskClient
    shop: dict[str, str]
    school: dict[str, str]


@pytest.fixture
def keyed(redis_url: str) -> Iterator[Keyed]:
    credentials, (shop, school) = access.keys("shop", "school")
    app = create_app(Settings(redis_url=redis_url), credentials)
    yield Keyed(app.test_client(), shop, school)
    app.extensions[DISTRIBUTION].close()


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic c2hvcDp4", "x", "Bearer é", "bearer \x00"]
)
def test_without_a_known_key_nobody_is_let_in(keyed: Keyed, method: str, path: str, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent}
    response = keyed.client.open(path, method=method, headers=headers, data=b"{")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert content(response)["error"]["type"] == "unauthorized"


@pytest.mark.parametrize("path", ["/health/live", "/openapi.json", "/docs"])
def test_health_and_documents_need_no_key(keyed: Keyed, path: str) -> None:
    assert keyed.client.get(path).status_code == 200


def test_readiness_needs_no_key(keyed: Keyed) -> None:
    assert keyed.client.get("/health/ready").status_code == 503


def test_document_asks_for_the_key_where_it_is_needed(keyed: Keyed, client: FlaskClient) -> None:
    paths = content(keyed.client.get("/openapi.json"))["paths"]
    for path, operations in paths.items():
        for operation in operations.values():
            assert ("security" in operation) == (not path.startswith("/health/")), path
    open_to_all = content(client.get("/openapi.json"))["paths"]
    assert not any("security" in one for operations in open_to_all.values() for one in operations.values())


def test_job_is_there_for_its_own_key_only(keyed: Keyed, worker: StubWorker) -> None:
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


def test_idempotency_keys_of_two_api_keys_do_not_meet(keyed: Keyed) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = keyed.client.post("/jobs", json=BODY, headers=keyed.shop | key)
    other = keyed.client.post("/jobs", json=BODY | {"stdin": "x"}, headers=keyed.school | key)
    again = keyed.client.post("/jobs", json=BODY, headers=keyed.shop | key)
    assert other.status_code == 202
    assert content(again)["id"] == content(first)["id"] != content(other)["id"]
