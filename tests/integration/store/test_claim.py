import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from config.redis import connect
from jobs.outcome import ErrorType
from jobs.status import Status
from store import keys
from store.claim import Claimed
from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from tests.support.store import DONE, Records, ended

HIGH, LOW = QueueClass(Priority.HIGH), QueueClass(Priority.LOW)
AWAITED = QueueClass(interactive=True)


def _order(records: Records) -> list[str]:
    """Claim every job; return their names, without the number."""
    names = []
    while claimed := records.claim():
        names.append(claimed.id.rstrip("0123456789"))
    return names


def test_nothing_is_claimed_where_nothing_waits(records: Records) -> None:
    assert records.claim() is None


def test_a_claim_says_what_is_to_be_run(records: Records) -> None:
    job_id = records.submit()
    claimed = records.take()
    assert (claimed.id, claimed.attempt) == (job_id, 1)
    assert claimed.started_ms >= claimed.created_ms
    record = records.read(job_id)
    assert record.status is Status.RUNNING
    assert (record.created_ms, record.started_ms) == (claimed.created_ms, claimed.started_ms)
    records.check()


def test_an_owner_s_jobs_run_in_the_order_of_their_submission(records: Records) -> None:
    jobs = [records.submit() for _ in range(5)]
    assert [records.take().id for _ in jobs] == jobs


def test_the_more_urgent_go_first(records: Records) -> None:
    for lane, name in ((LOW, "low"), (QueueClass(), "normal"), (HIGH, "high")):
        records.submit(name, lane=lane)
        records.submit(f"{name}-awaited", lane=QueueClass(lane.priority, interactive=True))
    assert _order(records) == ["high-awaited", "high", "normal-awaited", "normal", "low-awaited", "low"]


def test_awaited_jobs_go_first_but_let_every_fourth_pass(records: Records) -> None:
    for _ in range(8):
        records.submit("a", lane=AWAITED)
    for _ in range(4):
        records.submit("j")
    assert "".join(_order(records)) == "aaajaaajaajj"


def test_owners_take_turns(records: Records) -> None:
    for owner, number in (("ann", 5), ("bob", 2), ("", 3)):
        for _ in range(number):
            records.submit(owner or "none", owner=owner)
    assert _order(records) == ["ann", "bob", "none"] * 2 + ["ann", "none", "ann", "ann"]


@pytest.mark.parametrize("taken", range(4))
def test_one_job_need_not_wait_for_many_of_another_owner(records: Records, taken: int) -> None:
    for _ in range(200):
        records.submit("many", owner="ann")
    for _ in range(taken):
        records.take()
    records.submit("one", owner="bob")
    assert "one" in [records.take().id.rstrip("0123456789") for _ in range(2)]


def test_an_owner_at_its_cap_is_passed_over_and_keeps_its_turn(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    for _ in range(3):
        records.submit("ann", owner="ann")
    for _ in range(3):
        records.submit("bob", owner="bob")
    ann, bob = records.take(), records.take()
    assert (ann.id[:3], bob.id[:3]) == ("ann", "bob")
    assert records.claim() is None
    records.check()
    assert records.finish(ann.id, ann.token, DONE).more
    assert records.take().id[:3] == "ann"
    assert records.claim() is None
    records.check()


def test_a_cap_holds_in_all_lanes_together(redis: "Redis") -> None:
    records = Records(redis, running_max=2)
    for lane in QUEUE_CLASSES:
        records.submit(owner="ann", lane=lane)
    first, _ = records.take(), records.take()
    assert records.claim() is None
    records.cancel(first.id, owner="ann")
    records.take()
    assert records.claim() is None
    records.check()


def test_a_capped_owner_is_not_looked_at_again_and_again(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    for number in range(50):
        for _ in range(2):
            records.submit(owner=f"owner-{number}")
    for _ in range(50):
        records.take()
    assert records.claim() is None
    assert redis.llen(keys.rotation(QueueClass().name)) == 0
    records.check()


def test_a_job_without_owner_has_no_cap(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    for _ in range(3):
        records.submit()
    assert len(_order(records)) == 3


def test_a_job_past_its_deadline_ends_as_expired(redis: "Redis", records: Records) -> None:
    late = Records(redis, queue_ttl=0).submit(reply="me")
    fresh = records.submit()
    assert records.take().id == fresh
    error = ended(records, late).error
    assert error is not None
    assert error.type is ErrorType.EXPIRED
    assert records.woken("me") == [late]
    records.check()


def test_an_owner_whose_job_was_dropped_keeps_its_turn(redis: "Redis", records: Records) -> None:
    Records(redis, queue_ttl=0).submit(owner="ann")
    records.submit("ann", owner="ann")
    records.submit("bob", owner="bob")
    assert _order(records) == ["ann", "bob"]


def test_a_job_whose_record_is_gone_is_passed_over(redis: "Redis", records: Records) -> None:
    gone, there = records.submit(owner="ann"), records.submit(owner="ann")
    redis.delete(keys.job(gone))
    redis.zrem(keys.owned("ann", "jobs"), gone)
    assert records.take().id == there
    records.check()


def test_many_workers_claim_each_job_once(server_url: str, records: Records) -> None:
    jobs = {
        records.submit(owner=f"owner-{n % 3}", lane=QUEUE_CLASSES[n % len(QUEUE_CLASSES)])
        for n in range(1000)
    }
    start = threading.Barrier(4)

    def work() -> list[Claimed]:
        with connect(server_url) as redis:
            own, found = Records(redis), []
            start.wait()
            while claimed := own.claim():
                found.append(claimed)
                if len(found) % 2:
                    assert own.finish(claimed.id, claimed.token, DONE).counts
            return found

    with ThreadPoolExecutor(4) as threads:
        workers = [threads.submit(work) for _ in range(4)]
        claims = Counter(claimed.id for worker in workers for claimed in worker.result())
    assert claims == Counter(jobs)
    records.check()


def test_of_many_workers_one_ends_a_job(server_url: str, records: Records) -> None:
    def race(number: int) -> bool:
        with connect(server_url) as redis:
            return Records(redis).finish(claimed.id, claimed.token + number % 2, DONE).counts

    with ThreadPoolExecutor(4) as threads:
        for _ in range(100):
            job_id = records.submit(reply="me")
            claimed = records.take()
            assert list(threads.map(race, [0, 1])) == [True, False]
            assert records.status(job_id) is Status.SUCCEEDED
    assert len(records.woken("me")) == len(set(records.woken("me"))) == 100


def test_a_claim_works_while_redis_is_full(records: Records, redis: "Redis") -> None:
    job_id = records.submit()
    redis.config_set("maxmemory", 1)
    try:
        assert records.take().id == job_id
    finally:
        redis.config_set("maxmemory", 0)
