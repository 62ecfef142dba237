"""Files and artifacts, from the request to the worker and back."""

import base64
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.files import Artifact, File
from jobs.outcome import Outcome
from store import keys
from store.job_store import JobStore
from tests.support.answers import content, error_of
from tests.support.api import BODY, running_app
from tests.support.credentials import make_keys
from tests.support.store import artifact
from tests.support.worker import DATA, SUCCESS, StubWorker

BINARY = bytes(range(256)) * 400
FILES = [
    {"path": "in/a.txt", "content": "é\r\n"},
    {"path": "b", "content": base64.b64encode(BINARY).decode(), "encoding": "base64"},
]
WITH_FILES = {**BODY, "files": FILES, "artifacts": ["*"]}
PAGE = artifact("out/ü \U0001f600.html", b"<script>alert(1)</script>")
LARGE = artifact("large.bin", BINARY)
ENDED = replace(
    SUCCESS,
    artifacts=(LARGE, PAGE, Artifact("too-large.png", 9_000_000, None)),
    artifacts_truncated=True,
)


@pytest.fixture
def store(redis_url: str) -> Iterator[JobStore]:
    with closing(JobStore(redis_url)) as store:
        yield store


def _ended(client: FlaskClient, worker: StubWorker, outcome: Outcome = ENDED, **options: Any) -> str:
    """Return the location of a job that has ended with an outcome."""
    location: str = client.post("/jobs", json=BODY, **options).headers["Location"]
    worker.end(worker.take(), outcome)
    return location


@pytest.mark.parametrize("as_list", [False, True])
def test_worker_gets_the_files_of_a_request(
    client: FlaskClient, worker: StubWorker, store: JobStore, as_list: bool
) -> None:
    answer = client.post("/jobs", json=[WITH_FILES] if as_list else WITH_FILES)
    assert answer.status_code == 202
    claimed = worker.take()
    assert (claimed.job.artifacts, claimed.files) == (("*",), 2)
    assert store.files(claimed.id, claimed.token) == (File("b", BINARY), File("in/a.txt", "é\r\n".encode()))


def test_answer_lists_the_artifacts_of_a_job(client: FlaskClient, worker: StubWorker) -> None:
    job = content(client.get(_ended(client, worker)))
    assert job["artifacts"] == [
        {
            "path": "large.bin",
            "media_type": "application/octet-stream",
            "size": len(BINARY),
            "sha256": sha256(BINARY).hexdigest(),
        },
        {
            "path": PAGE.path,
            "media_type": "text/html",
            "size": PAGE.size,
            "sha256": PAGE.sha256,
        },
        {
            "path": "too-large.png",
            "media_type": "image/png",
            "size": 9_000_000,
            "sha256": None,
            "dropped": True,
        },
    ]
    assert job["artifacts_truncated"] is True


def test_answer_lists_no_artifact_when_there_is_none(client: FlaskClient, worker: StubWorker) -> None:
    queued = content(client.post("/jobs", json=BODY))
    worker.end(worker.take())
    for job in (queued, content(client.get(f"/jobs/{queued['id']}"))):
        assert (job["artifacts"], job["artifacts_truncated"]) == ([], False)


def test_artifact_is_the_bytes_that_the_worker_stored(client: FlaskClient, worker: StubWorker) -> None:
    location = _ended(client, worker)
    for one in (LARGE, PAGE):
        answer = client.get(f"{location}/artifacts/{one.path}")
        assert (answer.status_code, answer.data) == (200, one.content)
        assert answer.headers["ETag"] == f'"{one.sha256}"'
        assert int(answer.headers["Content-Length"]) == one.size


@pytest.mark.parametrize(
    ("name", "kind"), [("a.html", "text/html; charset=utf-8"), ("a.svg", "image/svg+xml")]
)
def test_artifact_does_not_run_in_a_browser(
    client: FlaskClient, worker: StubWorker, name: str, kind: str
) -> None:
    location = _ended(client, worker, replace(SUCCESS, artifacts=(artifact(name, b"<svg/>"),)))
    headers = client.get(f"{location}/artifacts/{name}").headers
    assert headers["Content-Type"] == kind
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", "é,€\n".encode(), "text/csv; charset=utf-8"),
        ("a.txt", b"", "text/plain; charset=utf-8"),
        ("a.txt", "é".encode("latin-1"), "text/plain"),
        ("a.json", b"{}", "application/json"),
    ],
)
def test_artifact_has_a_charset_when_it_is_text_in_utf_8(
    client: FlaskClient, worker: StubWorker, name: str, content: bytes, kind: str
) -> None:
    location = _ended(client, worker, replace(SUCCESS, artifacts=(artifact(name, content),)))
    assert client.get(f"{location}/artifacts/{name}").headers["Content-Type"] == kind


def test_artifact_is_not_sent_again_when_the_client_has_it(client: FlaskClient, worker: StubWorker) -> None:
    path = f"{_ended(client, worker)}/artifacts/large.bin"
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).data == BINARY


@pytest.mark.parametrize(
    "path",
    [
        "unknown",
        "too-large.png",
        "out",
        "out/",
        "large.bin/",
        "/large.bin",
        "%2Flarge.bin",
        "./large.bin",
        "out/../large.bin",
        "out/%2e%2e/large.bin",
        "%2e%2e/%2e%2e/etc/passwd",
        "../large.bin",
        "out//x",
        "large.bin%00",
        "%00",
        "%ff",
        "%c0%ae%c0%ae/large.bin",
        "x" * 4096,
        "%F0%9F%98%80" * 500,
        "LARGE.BIN",
        "large.bin%0d%0aX: y",
        "/",
    ],
)
def test_artifact_is_404_when_the_path_names_none(client: FlaskClient, worker: StubWorker, path: str) -> None:
    location = _ended(client, worker)
    assert error_of(client.get(f"{location}/artifacts/{path}"), 404)["type"] == "not_found"


def test_artifact_is_404_when_the_job_is_unknown_unfinished_or_expired(
    client: FlaskClient, worker: StubWorker, store: JobStore
) -> None:
    location = _ended(client, worker)
    error_of(client.get("/jobs/unknown/artifacts/large.bin"), 404)
    # The list of artifacts is part of the job.
    error_of(client.get(f"{location}/artifacts"), 405)
    waiting = client.post("/jobs", json=BODY).headers["Location"]
    error_of(client.get(f"{waiting}/artifacts/large.bin"), 404)
    job_id = location.rpartition("/")[2]
    store._redis.delete(keys.artifacts(job_id), keys.job(job_id))
    error_of(client.get(f"{location}/artifacts/large.bin"), 404)


def test_artifact_is_404_for_another_key(redis_url: str, worker: StubWorker) -> None:
    credentials, (shop, school) = make_keys("shop", "school")
    with running_app(redis_url, credentials) as app:
        client = app.test_client()
        path = f"{_ended(client, worker, headers=shop)}/artifacts/large.bin"
        assert client.get(path, headers=shop).data == BINARY
        error_of(client.get(path, headers=school), 404)
        error_of(client.get(path), 401)


def test_artifacts_are_deleted_when_their_key_asks(redis_url: str, worker: StubWorker) -> None:
    credentials, (shop, school) = make_keys("shop", "school")
    with running_app(redis_url, credentials) as app:
        client = app.test_client()
        location = _ended(client, worker, headers=shop)
        error_of(client.delete(f"{location}/artifacts", headers=school), 404)
        assert client.get(f"{location}/artifacts/large.bin", headers=shop).status_code == 200
        for _ in range(2):
            answer = client.delete(f"{location}/artifacts", headers=shop)
            assert (answer.status_code, answer.data) == (204, b"")
            assert "Content-Type" not in answer.headers
        error_of(client.get(f"{location}/artifacts/large.bin", headers=shop), 404)
        job = content(client.get(location, headers=shop))
        assert [one["path"] for one in job["artifacts"]] == [one.path for one in ENDED.artifacts]


@pytest.mark.parametrize("field", ["files", "artifacts"])
def test_files_are_unsupported_when_a_worker_is_restricted(redis_url: str, field: str) -> None:
    body = {**BODY, field: WITH_FILES[field]}
    with ExitStack() as stack:
        client = stack.enter_context(running_app(redis_url)).test_client()
        # While no worker is known, a job may wait for one with nsjail.
        assert client.post("/jobs", json=body).status_code == 202
        worker = stack.enter_context(closing(StubWorker(redis_url)))
        worker.register("restricted")
        for sent, prefix in ((body, ""), ([BODY, body], "[1].")):
            error = error_of(client.post("/jobs", json=sent), 400)
            assert (error["type"], error["field"]) == ("unsupported", prefix + field)
        assert client.post("/jobs", json={**BODY, "stream": True}).status_code == 202
        # The workers that were seen last decide.
        worker.unregister()
        error_of(client.post("/jobs", json=body), 400)


def test_files_are_accepted_with_packages_when_another_worker_is_restricted(
    redis_url: str, worker: StubWorker
) -> None:
    worker.announce(DATA)
    with running_app(redis_url) as app, closing(StubWorker(redis_url)) as other:
        other.register("restricted")
        client = app.test_client()
        assert client.post("/jobs", json={**WITH_FILES, "environment": "data"}).status_code == 202
        error_of(client.post("/jobs", json=WITH_FILES), 400)


def test_module_among_the_files_can_be_imported(client: FlaskClient) -> None:
    script = {"script": "import helper\n" + BODY["script"]}
    error_of(client.post("/jobs", json=script), 400)
    files = [{"path": "helper.py", "content": ""}]
    assert client.post("/jobs", json={**script, "files": files}).status_code == 202


def test_idempotency_key_conflicts_when_a_file_has_another_content(client: FlaskClient) -> None:
    def post(text: str) -> int:
        body = {**BODY, "files": [{"path": "a", "content": text}]}
        return client.post("/jobs", json=body, headers={"Idempotency-Key": "k"}).status_code

    assert [post("1"), post("1"), post("2")] == [202, 202, 409]


def test_cancelled_job_leaves_no_file_in_redis(client: FlaskClient, store: JobStore) -> None:
    location = client.post("/jobs", json=WITH_FILES).headers["Location"]
    assert store._redis.keys(f"{keys.FILES}*")
    assert client.delete(location).status_code == 200
    assert not store._redis.keys(f"{keys.FILES}*")
