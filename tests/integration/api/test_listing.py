"""`GET /jobs`: the list of jobs, in pages."""

from itertools import chain
from typing import Any

import pytest
from flask.testing import FlaskClient

from jobs.outcome import Outcome, SandboxKind
from tests.support.answers import content, error_of
from tests.support.api import BODY
from tests.support.worker import StubWorker


def submit(client: FlaskClient, count: int) -> list[str]:
    jobs = client.post("/jobs", json=[BODY] * count).json
    assert jobs is not None
    return [job["id"] for job in jobs]


def pages(client: FlaskClient, **query: Any) -> list[list[str]]:
    """Return the ids of each page, up to the last."""
    found: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = content(client.get("/jobs", query_string=query | {"cursor": cursor}))
        found.append([job["id"] for job in page["jobs"]])
        cursor = page["next"]
    return found


def test_list_is_empty_when_there_is_no_job(client: FlaskClient) -> None:
    assert content(client.get("/jobs")) == {"jobs": [], "unknown": [], "next": None}


def test_list_starts_with_the_newest_job_when_there_are_several(client: FlaskClient) -> None:
    ids = submit(client, 2) + submit(client, 1)
    page = content(client.get("/jobs"))
    assert [job["id"] for job in page["jobs"]] == ids[::-1]
    assert page["jobs"][0] == content(client.get(f"/jobs/{ids[-1]}"))


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_contain_every_job_once_when_read_to_the_last(client: FlaskClient, limit: int) -> None:
    ids = submit(client, 5)
    found = pages(client, limit=limit)
    assert list(chain(*found)) == ids[::-1]
    assert all(len(page) <= limit for page in found)


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_list_keeps_the_requested_order_when_ids_are_given(client: FlaskClient, limit: int) -> None:
    ids = submit(client, 5)
    assert list(chain(*pages(client, limit=limit, ids=",".join(ids)))) == ids


def test_list_names_unknown_ids_when_some_are_given(client: FlaskClient) -> None:
    first, second = submit(client, 2)
    page = content(client.get("/jobs", query_string={"ids": f"x,{second},,é,{first},x"}))
    assert [job["id"] for job in page["jobs"]] == [second, first]
    assert (page["unknown"], page["next"]) == (["x", "é"], None)


def test_list_is_empty_when_ids_is_empty(client: FlaskClient) -> None:
    submit(client, 1)
    assert content(client.get("/jobs?ids=")) == {"jobs": [], "unknown": [], "next": None}


@pytest.mark.parametrize("ids", ["", "all"])
def test_page_ends_early_when_jobs_are_large(client: FlaskClient, worker: StubWorker, ids: str) -> None:
    submitted = submit(client, 20)
    large = Outcome(sandbox=SandboxKind.NSJAIL, result={}, stdout="x" * 900_000)
    for _ in submitted:
        worker.end(worker.take(), large)
    query = {"ids": ",".join(submitted)} if ids else {}
    found = pages(client, **query)
    assert sorted(chain(*found)) == sorted(submitted)
    assert 1 < len(found) <= 5


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("queued", [0, 1]),
        ("cancelled", [2]),
        ("cancelled,queued", [0, 1, 2]),
        ("queued,queued", [0, 1]),
        ("running,failed,succeeded", []),
    ],
)
def test_list_has_only_jobs_with_the_statuses_when_some_are_given(
    client: FlaskClient, status: str, shown: list[int]
) -> None:
    ids = submit(client, 3)[::-1]
    client.delete(f"/jobs/{ids[2]}")
    for limit in (1, 100):
        assert list(chain(*pages(client, status=status, limit=limit))) == [ids[index] for index in shown]
        by_ids = pages(client, status=status, limit=limit, ids=",".join(ids))
        assert list(chain(*by_ids)) == [ids[index] for index in shown]


@pytest.mark.parametrize("status", ["", "done", "Queued", "queued,", "queued, running", "queued|failed"])
def test_list_names_the_statuses_when_one_is_unknown(client: FlaskClient, status: str) -> None:
    error = error_of(client.get("/jobs", query_string={"status": status}), 400)
    names = "queued, running, succeeded, failed, cancelled"
    assert error["field"] == "status"
    assert error["message"] == f"status: must be one or more of {names}, with commas between them"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"limit": "\u00a05"}, "limit"),
        ({"limit": "1_0"}, "limit"),
        ({"ids": ",".join(map(str, range(101)))}, "ids"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "-1"}, "cursor"),
        ({"cursor": "1" * 50}, "cursor"),
        ({"cursor": "x", "ids": "a"}, "cursor"),
        ({"cursor": "١", "ids": "a"}, "cursor"),
    ],
)
def test_list_answers_400_with_the_field_when_the_query_is_invalid(
    client: FlaskClient, query: dict[str, Any], field: str
) -> None:
    response = client.get("/jobs", query_string=query)
    assert response.status_code == 400
    assert content(response)["error"]["field"] == field
