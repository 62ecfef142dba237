import json

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.lua_source import WAKE_UP_BYTES
from store.wake_ups import record_in
from tests.support.store import DONE, RAISED, TTL, StoreHarness
from tests.support.stored_outcome import decoded


@pytest.mark.parametrize(("outcome", "status"), [(DONE, Status.SUCCEEDED), (RAISED, Status.FAILED)])
def test_finish_writes_the_outcome_and_the_expiry(
    harness: StoreHarness, redis: "Redis", outcome: Outcome, status: Status
) -> None:
    job_id = harness.submit()
    assert harness.store.finish(job_id, harness.take().token, outcome).counts
    record = harness.read(job_id)
    assert (record.status, decoded(record.outcome)) == (status, outcome)
    assert record.finished_ms is not None
    assert TTL - 5 < redis.ttl(keys.job(job_id)) <= TTL
    harness.check()


def test_finish_takes_effect_for_the_latest_claim_only(harness: StoreHarness) -> None:
    job_id = harness.submit()
    first = harness.take(lapsing=True)
    harness.store.reconcile()
    assert not harness.store.finish(job_id, first.token, RAISED).counts
    second = harness.take()
    assert not harness.store.finish(job_id, first.token, RAISED).counts
    assert harness.store.finish(job_id, second.token, DONE).counts
    assert not harness.store.finish(job_id, first.token, RAISED).counts
    assert decoded(harness.read(job_id).outcome) == DONE


def test_finish_counts_the_job_once_when_it_is_repeated(harness: StoreHarness) -> None:
    job_id = harness.submit(reply="me")
    token = harness.take().token
    assert harness.store.finish(job_id, token, DONE).counts
    assert harness.store.finish(job_id, token, DONE).counts
    assert harness.woken("me") == [job_id]
    assert harness.store.statistics().counters["finished:succeeded"] == 1


def test_finish_has_no_effect_when_the_job_was_never_claimed(harness: StoreHarness) -> None:
    job_id = harness.submit()
    assert not harness.store.finish(job_id, 0, DONE).counts
    assert not harness.store.finish("unknown", 1, DONE).counts
    assert harness.status(job_id) is Status.QUEUED


def test_finish_wakes_each_waiter_once(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit(reply="a")
    harness.store.get(job_id, reply="b")
    harness.store.get(job_id, reply="b")
    harness.store.finish(job_id, harness.take().token, DONE)
    assert (harness.woken("a"), harness.woken("b")) == ([job_id], [job_id])


@pytest.mark.parametrize(
    "outcome",
    [DONE, RAISED, Outcome(result={"é": "\U0001f600"}, stdout='"\\\0\n')],
    ids=["result", "error", "any text"],
)
def test_wake_up_carries_the_record_when_it_is_small(
    harness: StoreHarness, redis: "Redis", outcome: Outcome
) -> None:
    job_id = harness.submit(reply="me")
    harness.store.finish(job_id, harness.take().token, outcome)
    (text,) = harness.wake_ups("me")
    assert record_in(text) == harness.read(job_id)


def test_wake_up_carries_the_id_only_when_the_outcome_is_large(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit(reply="me")
    harness.store.finish(job_id, harness.take().token, Outcome(result={}, stdout="x" * WAKE_UP_BYTES))
    (text,) = harness.wake_ups("me")
    assert json.loads(text) == [job_id]


def test_finish_counts_failures_by_error_type(harness: StoreHarness) -> None:
    for outcome in (DONE, RAISED, RAISED):
        job_id = harness.submit()
        harness.store.finish(job_id, harness.take().token, outcome)
    counters = harness.store.statistics().counters
    assert counters["finished:succeeded"] == 1
    assert counters["finished:failed:exception"] == 2


def test_finish_writes_only_with_when_full_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit()
    token = harness.take().token
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            harness.store.finish(job_id, token, DONE)
        assert harness.status(job_id) is Status.RUNNING
        assert harness.store.finish(job_id, token, RAISED, when_full=True).counts
    finally:
        redis.config_set("maxmemory", 0)
    harness.check()


def test_finish_claims_the_next_job_when_asked(harness: StoreHarness) -> None:
    first, second, third = (harness.submit() for _ in range(3))
    token = harness.take().token
    finished = harness.store.finish(first, token, DONE, claim_next=True)
    assert finished.claimed is not None
    assert (finished.counts, finished.claimed.id) == (True, second)
    assert [harness.status(job_id) for job_id in (first, second, third)] == [
        Status.SUCCEEDED,
        Status.RUNNING,
        Status.QUEUED,
    ]
    finished = harness.store.finish(second, finished.claimed.token, RAISED, claim_next=True)
    assert finished.claimed is not None
    assert finished.claimed.id == third
    assert harness.store.finish(third, finished.claimed.token, DONE, claim_next=True).claimed is None
    harness.check()


def test_finish_claims_the_next_job_when_the_outcome_has_no_effect(harness: StoreHarness) -> None:
    cancelled, waiting = harness.submit(), harness.submit()
    token = harness.take().token
    harness.store.cancel(cancelled)
    finished = harness.store.finish(cancelled, token, DONE, claim_next=True)
    assert not finished.counts
    assert finished.claimed is not None
    assert finished.claimed.id == waiting
    harness.check()


def test_finish_wakes_the_waiters_of_a_job_that_an_earlier_version_queued(harness: StoreHarness) -> None:
    job_id = harness.submit()
    # Version 0.2.0 has a set of waiters instead of the field.
    harness.redis.hdel(keys.job(job_id), "waiters")
    waiters = f"{keys.EARLIER_WAITERS}{job_id}"
    harness.redis.sadd(waiters, "old")
    harness.store.get(job_id, reply="new")
    harness.store.finish(job_id, harness.take().token, DONE)
    assert (harness.woken("old"), harness.woken("new")) == ([job_id], [job_id])
    assert not harness.redis.exists(waiters)
    harness.check()
