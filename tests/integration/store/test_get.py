from redis import Redis

from jobs.status import Status
from store import keys
from tests.support.store import DONE, StoreHarness


def test_get_returns_each_status_of_a_job(harness: StoreHarness) -> None:
    job_id = harness.submit()
    assert harness.status(job_id) is Status.QUEUED
    token = harness.take().token
    assert harness.status(job_id) is Status.RUNNING
    harness.store.finish(job_id, token, DONE)
    assert harness.read(job_id).outcome == DONE


def test_get_returns_none_when_the_job_has_another_owner(harness: StoreHarness) -> None:
    job_id = harness.submit(owner="ann")
    assert harness.store.get(job_id) is None
    assert harness.store.get(job_id, owner="bob", reply="me") is None
    assert harness.store.get("unknown", owner="ann") is None
    assert harness.read(job_id, "ann").id == job_id
    harness.store.finish(job_id, harness.take().token, DONE)
    assert harness.woken("me") == []


def test_get_registers_no_waiter_when_the_job_is_final(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit()
    harness.store.finish(job_id, harness.take().token, DONE)
    assert harness.store.get(job_id, reply="me") is not None
    assert not redis.exists(keys.waiters(job_id))


def test_get_many_returns_records_in_the_order_asked_for(harness: StoreHarness) -> None:
    first, other, second = (harness.submit(owner=owner) for owner in ("ann", "bob", "ann"))
    found = harness.store.get_many([second, "unknown", other, first, second], owner="ann")
    assert [record.id for record in found] == [second, first]
    assert harness.store.get_many([]) == []
