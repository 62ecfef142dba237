import pytest
from redis import Redis

from jobs.status import Status
from store.errors import AlreadyFinal
from tests.support.store import DONE, Records


def test_a_waiting_job_never_runs(records: Records) -> None:
    job_id, other = records.submit(reply="me"), records.submit()
    record = records.cancel(job_id)
    assert record is not None
    assert (record.status, record.started_ms) == (Status.CANCELLED, None)
    assert record.finished_ms is not None
    assert records.woken("me") == [job_id]
    assert records.take().id == other
    assert records.claim() is None
    records.check()


def test_a_running_job_is_cancelled_at_once(records: Records) -> None:
    job_id = records.submit(reply="me")
    claimed = records.take()
    record = records.cancel(job_id)
    assert record is not None
    assert record.status is Status.CANCELLED
    assert records.woken("me") == [job_id]
    assert not records.renew(job_id, claimed.token)
    assert not records.finish(job_id, claimed.token, DONE).counts
    assert not records.release(job_id, claimed.token)
    assert records.status(job_id) is Status.CANCELLED
    records.check()


def test_a_final_job_cannot_be_cancelled(records: Records) -> None:
    done, cancelled = records.submit(), records.submit()
    records.finish(done, records.take().token, DONE)
    records.cancel(cancelled)
    for job_id, status in ((done, Status.SUCCEEDED), (cancelled, Status.CANCELLED)):
        with pytest.raises(AlreadyFinal) as refused:
            records.cancel(job_id)
        assert refused.value.record.status is status
    assert refused.value.record.outcome is None
    assert records.statistics().counters["finished:cancelled"] == 1


def test_only_its_owner_can_cancel_a_job(records: Records) -> None:
    job_id = records.submit(owner="ann")
    assert records.cancel(job_id, owner="bob") is None
    assert records.cancel(job_id) is None
    assert records.cancel("unknown", owner="ann") is None
    assert records.status(job_id, "ann") is Status.QUEUED
    assert records.cancel(job_id, owner="ann") is not None


def test_a_cancelled_job_makes_room(redis: "Redis") -> None:
    records = Records(redis, running_max=1, key_queued_max=1)
    running = records.submit(owner="ann")
    records.take()
    waiting = records.submit(owner="ann")
    records.cancel(waiting, owner="ann")
    again = records.submit(owner="ann")
    assert records.claim() is None
    records.cancel(running, owner="ann")
    assert records.take().id == again
    records.check()


def test_an_owner_whose_last_waiting_job_is_cancelled_is_not_held_back(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    running, waiting = records.submit(owner="ann"), records.submit(owner="ann")
    claimed = records.take()
    assert records.claim() is None
    records.cancel(waiting, owner="ann")
    records.check()
    assert not records.finish(running, claimed.token, DONE).more
    assert records.claim() is None


def test_a_job_can_be_cancelled_while_redis_is_full(records: Records, redis: "Redis") -> None:
    job_id = records.submit()
    redis.config_set("maxmemory", 1)
    try:
        assert records.cancel(job_id) is not None
    finally:
        redis.config_set("maxmemory", 0)
