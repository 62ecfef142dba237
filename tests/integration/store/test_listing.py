import pytest
from redis import Redis

from jobs.outcome import Outcome
from store import keys
from store.errors import BadCursor
from store.listing import Listing
from tests.support.store import DONE, Records


def test_an_owner_s_jobs_are_listed_newest_first(records: Records) -> None:
    jobs = [records.submit(owner="ann") for _ in range(5)]
    records.submit(owner="bob")
    records.submit()
    page = records.list(owner="ann")
    assert [record.id for record in page.records] == jobs[::-1]
    assert page.cursor == ""


def test_pages_follow_each_other_while_jobs_are_added(records: Records) -> None:
    jobs = [records.submit() for _ in range(7)]
    seen, cursor = [], ""
    while True:
        page = records.list(limit=3, cursor=cursor)
        seen += [record.id for record in page.records]
        records.submit()
        if not (cursor := page.cursor):
            break
    assert seen == jobs[::-1]


def test_a_page_that_is_just_full_is_the_last(records: Records) -> None:
    for _ in range(3):
        records.submit()
    assert records.list(limit=3).cursor == ""


def test_there_is_nothing_to_list(records: Records) -> None:
    page = records.list(owner="nobody")
    assert (page.records, page.cursor) == ([], "")


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "1.5", " 1", "+inf", "(1", "1" * 17, "١"])
def test_what_is_no_cursor_is_refused(records: Records, cursor: str) -> None:
    with pytest.raises(BadCursor):
        records.list(cursor=cursor)


def test_large_outcomes_make_short_pages(records: Records, redis: "Redis") -> None:
    small = Listing(redis, page_bytes=10_000)
    jobs = []
    for _ in range(5):
        jobs.append(records.submit())
        records.finish(jobs[-1], records.take().token, Outcome(result={"x": "y" * 6000}))
    seen, cursor = [], ""
    while True:
        page = small(cursor=cursor)
        assert len(page.records) == 1
        seen += [record.id for record in page.records]
        if not (cursor := page.cursor):
            break
    assert seen == jobs[::-1]


def test_a_record_that_has_just_expired_is_not_listed(records: Records, redis: "Redis") -> None:
    first, second = records.submit(), records.submit()
    records.finish(first, records.take().token, DONE)
    redis.delete(keys.job(first))
    assert [record.id for record in records.list().records] == [second]
    redis.delete(keys.job(second))
    page = records.list(limit=1)
    assert page.records == []
    assert records.list(cursor=page.cursor).cursor == ""
