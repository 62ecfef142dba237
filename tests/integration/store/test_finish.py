import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.script import WAKE_BYTES
from store.wake import Wake
from tests.support.store import DONE, RAISED, TTL, Records


@pytest.mark.parametrize(("outcome", "status"), [(DONE, Status.SUCCEEDED), (RAISED, Status.FAILED)])
def test_an_outcome_ends_the_job(records: Records, redis: "Redis", outcome: Outcome, status: Status) -> None:
    job_id = records.submit()
    assert records.finish(job_id, records.take().token, outcome).counts
    record = records.read(job_id)
    assert (record.status, record.outcome) == (status, outcome)
    assert record.finished_ms is not None
    assert TTL - 5 < redis.ttl(keys.job(job_id)) <= TTL
    records.check()


def test_only_the_latest_claim_counts(records: Records) -> None:
    job_id = records.submit()
    first = records.take(lapsing=True)
    records.reconcile()
    assert not records.finish(job_id, first.token, RAISED).counts
    second = records.take()
    assert not records.finish(job_id, first.token, RAISED).counts
    assert records.finish(job_id, second.token, DONE).counts
    assert not records.finish(job_id, first.token, RAISED).counts
    assert records.read(job_id).outcome == DONE


def test_an_outcome_whose_answer_was_lost_can_be_sent_again(records: Records) -> None:
    job_id = records.submit(reply="me")
    token = records.take().token
    assert records.finish(job_id, token, DONE).counts
    assert records.finish(job_id, token, DONE).counts
    assert records.woken("me") == [job_id]
    assert records.statistics().counters["finished:succeeded"] == 1


def test_a_job_that_was_never_claimed_cannot_be_ended(records: Records) -> None:
    job_id = records.submit()
    assert not records.finish(job_id, 0, DONE).counts
    assert not records.finish("unknown", 1, DONE).counts
    assert records.status(job_id) is Status.QUEUED


def test_everyone_who_waits_is_woken_once(records: Records, redis: "Redis") -> None:
    job_id = records.submit(reply="a")
    records.watch(job_id, reply="b")
    records.watch(job_id, reply="b")
    records.finish(job_id, records.take().token, DONE)
    assert (records.woken("a"), records.woken("b")) == ([job_id], [job_id])
    # A listener that is gone leaves nothing behind for long.
    assert 0 < redis.ttl("a") <= keys.REPLY_TTL


@pytest.mark.parametrize(
    "outcome",
    [DONE, RAISED, Outcome(result={"é": "\U0001f600"}, stdout='"\\\0\n')],
    ids=["result", "error", "any text"],
)
def test_a_wake_up_brings_the_record_along(records: Records, redis: "Redis", outcome: Outcome) -> None:
    job_id = records.submit(reply="me")
    records.finish(job_id, records.take().token, outcome)
    (text,) = redis.lrange("me", 0, -1)
    assert Wake.from_list(text).record == records.read(job_id)


def test_a_large_record_is_not_brought_along(records: Records, redis: "Redis") -> None:
    job_id = records.submit(reply="me")
    records.finish(job_id, records.take().token, Outcome(result={}, stdout="x" * WAKE_BYTES))
    (text,) = redis.lrange("me", 0, -1)
    assert Wake.from_list(text) == Wake(job_id, None)


def test_a_worker_is_told_whether_others_wait(records: Records) -> None:
    for _ in range(3):
        records.submit()
    first, second = records.take(), records.take()
    assert records.finish(first.id, first.token, DONE).more
    third = records.take()
    assert not records.finish(second.id, second.token, DONE).more
    assert not records.finish(third.id, third.token, DONE).more


def test_the_reasons_of_failures_are_counted(records: Records) -> None:
    for outcome in (DONE, RAISED, RAISED):
        job_id = records.submit()
        records.finish(job_id, records.take().token, outcome)
    counters = records.statistics().counters
    assert counters["finished:succeeded"] == 1
    assert counters["finished:failed:exception"] == 2


def test_a_full_redis_keeps_a_small_outcome_only_when_it_must(records: Records, redis: "Redis") -> None:
    job_id = records.submit()
    token = records.take().token
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            records.finish(job_id, token, DONE)
        assert records.status(job_id) is Status.RUNNING
        assert records.finish(job_id, token, RAISED, when_full=True).counts
    finally:
        redis.config_set("maxmemory", 0)
    records.check()


def test_the_next_job_is_claimed_as_one_ends(records: Records) -> None:
    first, second, third = (records.submit() for _ in range(3))
    token = records.take().token
    finished = records.finish(first, token, DONE, go_on=True)
    assert finished.claimed is not None
    assert (finished.counts, finished.more, finished.claimed.id) == (True, True, second)
    assert [records.status(job_id) for job_id in (first, second, third)] == [
        Status.SUCCEEDED,
        Status.RUNNING,
        Status.QUEUED,
    ]
    finished = records.finish(second, finished.claimed.token, RAISED, go_on=True)
    assert finished.claimed is not None
    assert (finished.more, finished.claimed.id) == (False, third)
    assert records.finish(third, finished.claimed.token, DONE, go_on=True).claimed is None
    records.check()


def test_an_outcome_that_is_not_wanted_is_no_reason_not_to_go_on(records: Records) -> None:
    cancelled, waiting = records.submit(), records.submit()
    token = records.take().token
    records.cancel(cancelled)
    finished = records.finish(cancelled, token, DONE, go_on=True)
    assert not finished.counts
    assert finished.claimed is not None
    assert finished.claimed.id == waiting
    records.check()
