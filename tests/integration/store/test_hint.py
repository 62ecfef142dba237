"""There is a message whenever there is something to do, and never more than one."""

import pytest
from redis import Redis

from config.names import MARK
from store import keys
from store.hint import Hint
from tests.support.store import DONE, Records

MESSAGE = f"message {MARK}"


@pytest.fixture
def records(redis: "Redis") -> Records:
    return Records(redis, hint=MESSAGE, running_max=1)


def test_one_message_stands_for_any_number_of_jobs(records: Records) -> None:
    for _ in range(5):
        records.submit()
    assert len(records.hints()) == 1


def test_each_message_has_an_id_of_its_own(records: Records) -> None:
    messages = []
    for _ in range(20):
        records.submit()
        messages += records.hints()
    assert len(set(messages)) == 20
    assert all(len(message) == len(MESSAGE) and MARK not in message for message in messages)


def test_who_claims_a_job_leaves_a_message_for_the_next(records: Records) -> None:
    for _ in range(3):
        records.submit()
    for left in (1, 1, 0):
        assert records.hints()
        records.take()
        assert records.redis.llen(keys.HINTS) == left


def test_nothing_to_do_needs_no_message(records: Records) -> None:
    job_id = records.submit()
    records.hints()
    claimed = records.take()
    records.finish(job_id, claimed.token, DONE)
    records.cancel(records.submit())
    records.hints()
    records.reconcile()
    assert records.claim() is None
    assert not records.hints()


@pytest.mark.parametrize("how", ["finish", "cancel"])
def test_a_job_that_a_cap_holds_back_needs_none_until_it_may_run(records: Records, how: str) -> None:
    for _ in range(2):
        records.submit(owner="ann")
    first = records.take()
    assert records.claim() is None
    records.hints()
    records.reconcile()
    assert not records.hints()
    if how == "finish":
        records.finish(first.id, first.token, DONE)
    else:
        records.cancel(first.id, owner="ann")
    assert len(records.hints()) == 1


def test_a_job_that_is_handed_back_has_a_message(records: Records) -> None:
    records.submit()
    claimed = records.take()
    records.hints()
    records.release(claimed.id, claimed.token)
    assert len(records.hints()) == 1


def test_a_job_whose_worker_is_lost_has_a_message(records: Records) -> None:
    records.submit()
    records.take(lapsing=True)
    records.hints()
    records.reconcile()
    assert len(records.hints()) == 1


def test_a_message_that_was_lost_is_sent_again(records: Records) -> None:
    records.submit()
    assert records.hints()
    records.reconcile()
    assert len(records.hints()) == 1
    Hint(records.redis, hint=MESSAGE)()
    assert len(records.hints()) == 1


def test_a_list_of_another_s_is_no_reason_to_refuse_a_job(records: Records) -> None:
    records.redis.set(keys.HINTS, "")
    job_id = records.submit()
    assert records.take().id == job_id
