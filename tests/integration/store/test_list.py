from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.errors import InvalidCursor
from store.queue_class import QueueClass
from store.submission import Submission
from tests.support.store import DONE, JOB, RAISED, MakeHarness, StoreHarness


def test_list_returns_the_jobs_of_an_owner_newest_first(harness: StoreHarness) -> None:
    jobs = [harness.submit(owner="ann") for _ in range(5)]
    harness.submit(owner="bob")
    harness.submit()
    page = harness.store.list(owner="ann")
    assert [record.id for record in page.records] == jobs[::-1]
    assert page.cursor == ""


def test_list_pages_show_each_job_once_when_jobs_are_added(harness: StoreHarness) -> None:
    jobs = [harness.submit() for _ in range(7)]
    seen, cursor = [], ""
    while True:
        page = harness.store.list(limit=3, cursor=cursor)
        seen += [record.id for record in page.records]
        harness.submit()
        if not (cursor := page.cursor):
            break
    assert seen == jobs[::-1]


def test_list_has_no_cursor_when_the_page_is_just_full(harness: StoreHarness) -> None:
    for _ in range(3):
        harness.submit()
    assert harness.store.list(limit=3).cursor == ""


def test_list_is_empty_when_the_owner_has_no_job(harness: StoreHarness) -> None:
    page = harness.store.list(owner="nobody")
    assert (page.records, page.cursor) == ([], "")


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "1.5", " 1", "+inf", "(1", "1" * 17, "١"])
def test_list_raises_invalid_cursor_when_the_cursor_is_made_up(harness: StoreHarness, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        harness.store.list(cursor=cursor)


@pytest.mark.parametrize("by_ids", [False, True], ids=["all", "some ids"])
def test_list_pages_are_short_when_outcomes_are_large(make_harness: MakeHarness, by_ids: bool) -> None:
    harness = make_harness(page_bytes=10_000)
    jobs = []
    for _ in range(5):
        jobs.append(harness.submit())
        harness.store.finish(jobs[-1], harness.take().token, Outcome(result={"x": "y" * 6000}))
    ids = jobs[::-1] if by_ids else None
    seen, cursor = [], ""
    while True:
        page = harness.store.list(cursor=cursor, ids=ids)
        assert len(page.records) == 1
        seen += [record.id for record in page.records]
        if not (cursor := page.cursor):
            break
    assert seen == jobs[::-1]


def test_list_leaves_out_a_record_that_has_just_expired(harness: StoreHarness, redis: "Redis") -> None:
    first, second = harness.submit(), harness.submit()
    harness.store.finish(first, harness.take().token, DONE)
    redis.delete(keys.job(first))
    assert [record.id for record in harness.store.list().records] == [second]
    redis.delete(keys.job(second))
    page = harness.store.list(limit=1)
    assert page.records == []
    assert harness.store.list(cursor=page.cursor).cursor == ""


def test_list_returns_records_of_ids_in_the_order_asked_for(harness: StoreHarness) -> None:
    first, other, second = (harness.submit(owner=owner) for owner in ("ann", "bob", "ann"))
    page = harness.store.list(owner="ann", ids=[second, "unknown", other, first])
    assert [record.id for record in page.records] == [second, first]
    assert (page.unknown, page.cursor) == (["unknown", other], "")


def test_list_pages_of_ids_answer_each_id_once(harness: StoreHarness) -> None:
    jobs = [harness.submit() for _ in range(3)]
    ids = [jobs[0], "a", "b", jobs[1], "c", jobs[2], "d"]
    known, unknown, cursor = [], [], ""
    while True:
        page = harness.store.list(limit=2, cursor=cursor, ids=ids)
        known += [record.id for record in page.records]
        unknown += page.unknown
        if not (cursor := page.cursor):
            break
    assert (known, unknown) == (jobs, ["a", "b", "c", "d"])


def all_pages(harness: StoreHarness, **query: Any) -> tuple[list[str], list[str], int]:
    """Return the listed ids, the unknown ids and the number of pages."""
    listed: list[str] = []
    unknown: list[str] = []
    cursor, pages = "", 0
    while True:
        page = harness.store.list(cursor=cursor, **query)
        assert len(page.records) <= query.get("limit", 50)
        listed += [record.id for record in page.records]
        unknown += page.unknown
        pages += 1
        if not (cursor := page.cursor):
            return listed, unknown, pages


@pytest.fixture
def jobs(harness: StoreHarness) -> dict[str, Status]:
    """Return jobs of every status, the newest first."""
    jobs = {}
    for _ in range(2):
        for outcome, status in ((DONE, Status.SUCCEEDED), (RAISED, Status.FAILED), (None, Status.RUNNING)):
            job = harness.submit()
            token = harness.take().token
            if outcome:
                harness.store.finish(job, token, outcome)
            jobs[job] = status
        job = harness.submit()
        harness.store.cancel(job)
        jobs[job] = Status.CANCELLED
    jobs |= {harness.submit(): Status.QUEUED for _ in range(2)}
    return dict(reversed(jobs.items()))


STATUSES = [*([status] for status in Status), [Status.RUNNING, Status.FAILED], list(Status)]


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("statuses", STATUSES)
def test_list_returns_each_job_with_a_status_once(
    harness: StoreHarness, jobs: dict[str, Status], statuses: list[Status], limit: int
) -> None:
    listed, _, _ = all_pages(harness, statuses=statuses, limit=limit)
    assert listed == [job for job, status in jobs.items() if status in statuses]


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("statuses", STATUSES)
def test_list_of_ids_leaves_out_other_statuses_but_knows_their_jobs(
    harness: StoreHarness, jobs: dict[str, Status], statuses: list[Status], limit: int
) -> None:
    ids = ["a", *sorted(jobs), "b"]
    listed, unknown, _ = all_pages(harness, statuses=statuses, limit=limit, ids=ids)
    assert listed == [job for job in sorted(jobs) if jobs[job] in statuses]
    assert unknown == ["a", "b"]


def test_page_looks_at_a_bounded_number_of_jobs_when_a_status_is_rare(harness: StoreHarness) -> None:
    rare = harness.submit()
    harness.take()
    for _ in range(12):
        batch = [Submission(uuid4().hex, JOB, QueueClass()) for _ in range(100)]
        harness.store.submit(batch)
    harness.redis.config_resetstat()
    page = harness.store.list(statuses=[Status.RUNNING])
    calls = harness.redis.info("commandstats")
    assert page.records == []
    assert page.cursor
    assert sum(stats["calls"] for name, stats in calls.items() if name.startswith("cmdstat_h")) <= 501
    listed, _, pages = all_pages(harness, statuses=[Status.RUNNING])
    assert (listed, pages) == ([rare], 3)


def test_page_does_not_read_the_outcomes_of_other_statuses(make_harness: MakeHarness) -> None:
    harness = make_harness(page_bytes=10_000)
    running = harness.submit()
    harness.take()
    for _ in range(5):
        job = harness.submit()
        harness.store.finish(job, harness.take().token, Outcome(result={"x": "y" * 6000}))
    page = harness.store.list(statuses=[Status.RUNNING])
    assert ([record.id for record in page.records], page.cursor) == ([running], "")
