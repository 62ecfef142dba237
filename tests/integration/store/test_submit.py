import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from jobs.job import Job
from jobs.status import Status
from store import keys
from store.errors import IdempotencyConflict, QueueFull, RateLimited
from store.queue_class import Priority, QueueClass
from store.submit import MOST, Submission
from tests.support.store import DONE, JOB, Records

OTHER = Job("def main():\n    return {'other': 1}")


def _batch(*names: str, job: Job = JOB, lane: QueueClass | None = None) -> list[Submission]:
    return [Submission(name, job, lane or QueueClass()) for name in names]


def test_submitted_jobs_are_queued_in_order(records: Records) -> None:
    made = records.admit(_batch("a", "b", "c"))
    assert [(one.id, one.created) for one in made] == [("a", True), ("b", True), ("c", True)]
    assert [records.take().id for _ in made] == ["a", "b", "c"]
    records.check()


def test_the_largest_batch_is_taken(records: Records) -> None:
    assert len(records.admit(_batch(*map(str, range(MOST))))) == MOST
    records.check()


def test_same_key_and_same_batch_are_the_same_jobs(records: Records) -> None:
    first = records.admit(_batch("a", "b"), idempotency_key="k")
    again = records.admit(_batch("c", "d"), idempotency_key="k")
    assert [one.id for one in again] == [one.id for one in first]
    assert not any(one.created for one in again)
    assert records.statistics().waiting == 2


@pytest.mark.parametrize(
    "other",
    [
        _batch("x"),
        _batch("x", "y", "z"),
        _batch("x", "y", job=OTHER),
        _batch("x", "y", lane=QueueClass(Priority.HIGH)),
    ],
    ids=["fewer", "more", "another script", "another lane"],
)
def test_same_key_and_another_batch_is_a_conflict(records: Records, other: list[Submission]) -> None:
    records.admit(_batch("a", "b"), idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        records.admit(other, idempotency_key="k")
    assert records.statistics().waiting == 2


def test_a_key_belongs_to_its_owner(records: Records) -> None:
    records.admit(_batch("a"), owner="ann", idempotency_key="k")
    (made,) = records.admit(_batch("b"), owner="bob", idempotency_key="k")
    assert made.id == "b"


def test_a_key_is_free_again_when_none_of_its_jobs_is_left(records: Records, redis: "Redis") -> None:
    records.admit(_batch("a", "b"), idempotency_key="k")
    redis.delete(keys.job("a"))
    # One that may still run must not be run a second time.
    assert not records.admit(_batch("c", "d"), idempotency_key="k")[0].created
    redis.delete(keys.job("b"))
    assert records.admit(_batch("c", "d"), idempotency_key="k")[0].created


def test_a_full_queue_takes_none_of_a_batch(redis: "Redis") -> None:
    records = Records(redis, queue_max=3)
    records.admit(_batch("a", "b"))
    with pytest.raises(QueueFull) as refused:
        records.admit(_batch("c", "d"), owner="ann")
    assert refused.value.whose == "service"
    assert refused.value.retry_after > 0
    records.check()
    records.take()
    assert len(records.admit(_batch("c", "d"), owner="ann")) == 2


def test_the_queue_of_one_owner_is_full_for_that_owner_only(redis: "Redis") -> None:
    records = Records(redis, key_queued_max=2)
    records.admit(_batch("a", "b"), owner="ann")
    with pytest.raises(QueueFull) as refused:
        records.admit(_batch("c"), owner="ann")
    assert refused.value.whose == "key"
    records.admit(_batch("c"), owner="bob")
    # Without API keys there is no owner to bound.
    records.admit(_batch("d", "e", "f"))
    records.check()


def test_a_repeat_is_answered_where_a_new_job_would_be_refused(redis: "Redis") -> None:
    records = Records(redis, queue_max=1, key_rate=0.001)
    records.admit(_batch("a"), owner="ann", idempotency_key="k")
    (again,) = records.admit(_batch("b"), owner="ann", idempotency_key="k")
    assert again.id == "a"


def test_an_owner_that_submits_too_fast_is_told_when_to_come_back(redis: "Redis") -> None:
    records = Records(redis, key_rate=2)
    records.submit(owner="ann")
    records.submit(owner="ann")
    with pytest.raises(RateLimited) as refused:
        records.submit(owner="ann")
    assert 0 < refused.value.retry_after <= 0.5
    records.submit(owner="bob")
    records.submit()
    records.check()


def test_a_batch_above_the_rate_is_let_in_and_paid_back(redis: "Redis") -> None:
    records = Records(redis, key_rate=1)
    records.admit(_batch(*"abcdefghij"), owner="ann")
    with pytest.raises(RateLimited) as refused:
        records.submit(owner="ann")
    assert 9 < refused.value.retry_after <= 10
    assert redis.ttl(keys.owned("ann", "rate")) <= 10


def test_a_refused_submission_costs_nothing(redis: "Redis") -> None:
    records = Records(redis, key_rate=1, key_queued_max=1)
    full = Records(redis, key_rate=1, queue_max=0)
    for _ in range(3):
        with pytest.raises(QueueFull):
            full.submit(owner="ann")
    records.submit(owner="ann")


def test_a_reply_list_is_registered_with_the_job(records: Records) -> None:
    job_id = records.submit(reply="me")
    claimed = records.take()
    records.finish(job_id, claimed.token, DONE)
    assert records.woken("me") == [job_id]


def test_a_full_redis_takes_no_job(records: Records, redis: "Redis") -> None:
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            records.submit("x")
    finally:
        redis.config_set("maxmemory", 0)
    assert records.statistics().waiting == 0
    records.check()


def test_a_job_waits_with_its_whole_content(records: Records) -> None:
    job = Job("def main(a):\n    return {'é': a}", inputs={"a": [1, None]}, stdin="\n\x00é")
    job_id = records.submit(job=job)
    assert records.status(job_id) is Status.QUEUED
    assert records.take().job == job
