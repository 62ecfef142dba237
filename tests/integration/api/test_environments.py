"""Environments: which there are, and what a script of each can import."""

import platform
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.environment import NAME_LENGTH, Environment
from tests.support.answers import content, error_of
from tests.support.api import BODY, running_app
from tests.support.rejections import MAIN, large
from tests.support.worker import DATA, SUCCESS, StubWorker

STDLIB = Environment("stdlib", platform.python_version())
NUMPY = f"import numpy.linalg\n{MAIN}"


@pytest.fixture
def client(redis_url: str) -> Iterator[FlaskClient]:
    """Return a client of an application that has not read what workers announced."""
    with running_app(redis_url) as app:
        yield app.test_client()


def public(environment: Environment) -> dict[str, Any]:
    lists = {name: list(getattr(environment, name)) for name in ("modules", "preloaded")}
    return asdict(environment) | lists | {"packages": [asdict(package) for package in environment.packages]}


def test_listing_has_only_the_standard_library_when_no_worker_has_announced_more(client: FlaskClient) -> None:
    response = client.get("/environments")
    assert (response.status_code, response.get_json()) == (200, [public(STDLIB)])


def test_listing_has_each_announced_environment_with_its_packages(
    client: FlaskClient, worker: StubWorker
) -> None:
    # An answer without announcements is not remembered.
    client.get("/environments").close()
    worker.announce(replace(STDLIB, python="3.11.9"), DATA)
    listed = client.get("/environments").get_json()
    assert listed == [public(DATA), public(replace(STDLIB, python="3.11.9"))]


def test_listing_refuses_parameters(client: FlaskClient) -> None:
    assert error_of(client.get("/environments?name=data"), 400)["field"] == "name"


@pytest.mark.parametrize("path", ["/execute", "/jobs"])
@pytest.mark.parametrize(
    "name", ["dta", "Data", "", " data", "data\n", "\0", "*", "../data", "é", "d" * 500_000]
)
def test_submission_is_refused_with_the_names_there_are_when_no_environment_has_the_name(
    client: FlaskClient, worker: StubWorker, path: str, name: str
) -> None:
    worker.announce(STDLIB, DATA)
    error = error_of(client.post(path, json={**BODY, "environment": name}), 400)
    assert error == {
        "type": "unknown_environment",
        "message": "environment: there is no such environment; the environments are data, stdlib",
        "field": "environment",
    }


def test_submission_is_refused_when_the_name_holds_half_of_a_surrogate_pair(client: FlaskClient) -> None:
    body = b'{"script": "def main(): ...", "environment": "stdlib\\ud800"}'
    error = error_of(client.post("/jobs", data=body, content_type="application/json"), 400)
    assert error["type"] == "invalid_request"


def test_submission_is_refused_when_only_the_standard_library_is_there(client: FlaskClient) -> None:
    error = error_of(client.post("/jobs", json={**BODY, "environment": "data"}), 400)
    assert error["message"] == "environment: there is no such environment; the only one is stdlib"


def test_error_of_a_list_names_the_submission_with_the_unknown_environment(client: FlaskClient) -> None:
    error = error_of(client.post("/jobs", json=[BODY, {**BODY, "environment": "data"}]), 400)
    assert (error["type"], error["field"]) == ("unknown_environment", "[1].environment")
    assert error["message"].startswith("[1].environment: there is no such environment")


def test_job_has_its_environment_from_the_submission_to_the_end(
    client: FlaskClient, worker: StubWorker
) -> None:
    worker.announce(DATA)
    accepted = content(client.post("/jobs", json={"script": NUMPY, "environment": "data"}))
    assert (accepted["environment"], accepted["environment_digest"]) == ("data", None)
    queued = content(client.get(f"/jobs/{accepted['id']}"))
    assert (queued["environment"], queued["environment_digest"]) == ("data", None)
    claimed = worker.take()
    assert claimed.job.environment == "data"
    worker.end(claimed, replace(SUCCESS, environment_digest=DATA.digest))
    [ended] = content(client.get("/jobs"))["jobs"]
    assert (ended["environment"], ended["environment_digest"]) == ("data", DATA.digest)


def test_job_has_the_standard_library_when_the_submission_names_no_environment(
    client: FlaskClient, worker: StubWorker
) -> None:
    for body in (BODY, {**BODY, "environment": "stdlib"}):
        accepted = content(client.post("/jobs", json=body))
        assert (accepted["environment"], accepted["environment_digest"]) == ("stdlib", None)
        assert worker.take().job.environment == "stdlib"


@pytest.mark.parametrize("padded", [str, large], ids=["in the process", "in a child process"])
def test_script_can_import_the_modules_of_its_own_environment_only(
    client: FlaskClient, worker: StubWorker, padded: Any
) -> None:
    worker.announce(DATA, replace(DATA, name="ml", modules=("torch",)))
    script = padded(NUMPY)
    assert client.post("/jobs", json={"script": script, "environment": "data"}).status_code == 202
    for environment, allowed in (
        ("stdlib", "the standard library"),
        ("ml", "the standard library and the environment's packages"),
    ):
        error = error_of(client.post("/jobs", json={"script": script, "environment": environment}), 400)
        assert error == {
            "type": "forbidden_import",
            "message": f"only {allowed} can be imported, not numpy.linalg: the environment data has it",
            "name": "numpy.linalg",
            "line": 1,
            "column": 1,
        }


def test_rejection_has_no_hint_when_no_environment_has_the_module(
    client: FlaskClient, worker: StubWorker
) -> None:
    for announced in ((), (DATA,)):
        worker.announce(*announced)
        error = error_of(client.post("/jobs", json={"script": f"import torch\n{MAIN}"}), 400)
        assert error["message"] == "only the standard library can be imported, not torch"


@pytest.mark.parametrize("statement", ["from . import numpy", "from .numpy import array", "import tkinter"])
def test_rejection_has_no_hint_when_no_package_would_help(
    client: FlaskClient, worker: StubWorker, statement: str
) -> None:
    worker.announce(DATA)
    error = error_of(client.post("/jobs", json={"script": f"{statement}\n{MAIN}"}), 400)
    assert "environment" not in error["message"]


def test_hint_is_whole_when_the_names_of_module_and_environment_are_long(
    client: FlaskClient, worker: StubWorker
) -> None:
    long = "e" * NAME_LENGTH
    worker.announce(replace(DATA, name=long), replace(DATA, name="f", modules=("x",)))
    script = f"import numpy.{'a' * 5000}\n{MAIN}"
    for environment in ("stdlib", "f"):
        error = error_of(client.post("/jobs", json={"script": script, "environment": environment}), 400)
        assert error["message"].endswith(f": the environment {long} has it")
        assert len(error["message"]) <= 200


def test_error_of_a_list_names_the_environment_that_has_the_module(
    client: FlaskClient, worker: StubWorker
) -> None:
    worker.announce(DATA)
    error = error_of(client.post("/jobs", json=[BODY, {"script": NUMPY}]), 400)
    assert (error["field"], error["name"]) == ("[1].script", "numpy.linalg")
    assert error["message"].endswith("the environment data has it")


def test_verdict_is_not_reused_when_the_environment_differs(client: FlaskClient, worker: StubWorker) -> None:
    worker.announce(DATA, replace(DATA, name="ml", modules=("torch",)))
    statuses = [
        client.post("/jobs", json={"script": NUMPY, "environment": environment}).status_code
        for environment in ("data", "ml", "stdlib", "data")
    ]
    assert statuses == [202, 400, 400, 202]


@pytest.mark.parametrize(("environment", "status"), [("stdlib", 400), ("data", 202)])
def test_restricted_rules_apply_to_the_standard_library_only(
    client: FlaskClient, worker: StubWorker, environment: str, status: int
) -> None:
    worker.announce(DATA)
    worker.unregister()
    worker.register("restricted")
    body = {"script": f"import socket\n{MAIN}", "environment": environment}
    assert client.post("/jobs", json=body).status_code == status


def test_idempotency_key_conflicts_when_the_environment_differs(
    client: FlaskClient, worker: StubWorker
) -> None:
    worker.announce(DATA)
    headers = {"Idempotency-Key": "order-1"}

    def submit(**more: str) -> Any:
        return client.post("/jobs", json={**BODY, **more}, headers=headers)

    first = content(submit())
    assert content(submit(environment="stdlib"))["id"] == first["id"]
    assert error_of(submit(environment="data"), 409)["type"] == "conflict"
