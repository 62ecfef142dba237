from redis import Redis

from jobs.status import Status
from store import keys
from tests.support.store import DONE, Records


def test_a_job_can_be_read_through_its_life(records: Records) -> None:
    job_id = records.submit()
    assert records.status(job_id) is Status.QUEUED
    token = records.take().token
    assert records.status(job_id) is Status.RUNNING
    records.finish(job_id, token, DONE)
    assert records.read(job_id).outcome == DONE


def test_a_job_of_another_owner_is_unknown(records: Records) -> None:
    job_id = records.submit(owner="ann")
    assert records.watch(job_id) is None
    assert records.watch(job_id, owner="bob", reply="me") is None
    assert records.watch("unknown", owner="ann") is None
    assert records.read(job_id, "ann").id == job_id
    records.finish(job_id, records.take().token, DONE)
    assert records.woken("me") == []


def test_a_final_job_wakes_nobody(records: Records, redis: "Redis") -> None:
    job_id = records.submit()
    records.finish(job_id, records.take().token, DONE)
    assert records.watch(job_id, reply="me") is not None
    assert not redis.exists(keys.waiters(job_id))


def test_many_are_read_at_once_in_the_order_asked_for(records: Records) -> None:
    first, other, second = (records.submit(owner=owner) for owner in ("ann", "bob", "ann"))
    found = records.watch.many([second, "unknown", other, first, second], owner="ann")
    assert [record.id for record in found] == [second, first]
    assert records.watch.many([]) == []
