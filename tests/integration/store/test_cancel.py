import pytest
from redis import Redis

from jobs.status import Status
from store.errors import AlreadyFinal
from tests.support.store import DONE, MakeHarness, StoreHarness


def test_cancel_keeps_a_queued_job_from_running(harness: StoreHarness) -> None:
    job_id, other = harness.submit(reply="me"), harness.submit()
    record = harness.store.cancel(job_id)
    assert record is not None
    assert (record.status, record.started_ms) == (Status.CANCELLED, None)
    assert record.finished_ms is not None
    assert harness.woken("me") == [job_id]
    assert harness.take().id == other
    assert harness.store.claim() is None
    harness.check()


def test_cancel_ends_a_running_job_at_once(harness: StoreHarness) -> None:
    job_id = harness.submit(reply="me")
    claimed = harness.take()
    record = harness.store.cancel(job_id)
    assert record is not None
    assert record.status is Status.CANCELLED
    assert harness.woken("me") == [job_id]
    assert not harness.store.renew(job_id, claimed.token)
    assert not harness.store.finish(job_id, claimed.token, DONE).counts
    assert not harness.store.release(job_id, claimed.token)
    assert harness.status(job_id) is Status.CANCELLED
    harness.check()


def test_cancel_raises_already_final_when_the_job_has_ended(harness: StoreHarness) -> None:
    done, cancelled = harness.submit(), harness.submit()
    harness.store.finish(done, harness.take().token, DONE)
    harness.store.cancel(cancelled)
    for job_id, status in ((done, Status.SUCCEEDED), (cancelled, Status.CANCELLED)):
        with pytest.raises(AlreadyFinal) as refused:
            harness.store.cancel(job_id)
        assert refused.value.record.status is status
    assert refused.value.record.outcome is None
    assert harness.store.statistics().counters["finished:cancelled"] == 1


def test_cancel_finds_no_job_of_another_owner(harness: StoreHarness) -> None:
    job_id = harness.submit(owner="ann")
    assert harness.store.cancel(job_id, owner="bob") is None
    assert harness.store.cancel(job_id) is None
    assert harness.store.cancel("unknown", owner="ann") is None
    assert harness.status(job_id, "ann") is Status.QUEUED
    assert harness.store.cancel(job_id, owner="ann") is not None


def test_submit_accepts_another_job_of_the_owner_when_one_is_cancelled(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1, key_queued_max=1)
    running = harness.submit(owner="ann")
    harness.take()
    waiting = harness.submit(owner="ann")
    harness.store.cancel(waiting, owner="ann")
    again = harness.submit(owner="ann")
    assert harness.store.claim() is None
    harness.store.cancel(running, owner="ann")
    assert harness.take().id == again
    harness.check()


def test_cancel_uncaps_an_owner_when_it_ends_the_last_queued_job(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    running, waiting = harness.submit(owner="ann"), harness.submit(owner="ann")
    claimed = harness.take()
    assert harness.store.claim() is None
    harness.store.cancel(waiting, owner="ann")
    harness.check()
    harness.store.finish(running, claimed.token, DONE)
    assert harness.store.claim() is None


def test_cancel_works_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit()
    redis.config_set("maxmemory", 1)
    try:
        assert harness.store.cancel(job_id) is not None
    finally:
        redis.config_set("maxmemory", 0)
