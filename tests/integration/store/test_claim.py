import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from jobs.environment import STDLIB
from jobs.outcome import ErrorType, Outcome
from jobs.status import Status
from store import keys
from store.claims import Claimed
from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from tests.support.store import DONE, MakeHarness, StoreHarness, outcome_of

HIGH, LOW = QueueClass(Priority.HIGH), QueueClass(Priority.LOW)
AWAITED = QueueClass(interactive=True)


def _order(harness: StoreHarness) -> list[str]:
    """Claim every job; return their names, without the number."""
    names = []
    while claimed := harness.store.claim():
        names.append(claimed.id.rstrip("0123456789"))
    return names


def test_claim_returns_none_when_the_queue_is_empty(harness: StoreHarness) -> None:
    assert harness.store.claim() is None


def test_claim_returns_the_job_and_its_times(harness: StoreHarness) -> None:
    job_id = harness.submit()
    claimed = harness.take()
    assert (claimed.id, claimed.attempt) == (job_id, 1)
    assert claimed.started_ms >= claimed.created_ms
    record = harness.read(job_id)
    assert record.status is Status.RUNNING
    assert (record.created_ms, record.started_ms) == (claimed.created_ms, claimed.started_ms)
    harness.check()


def test_claim_takes_the_oldest_job_of_an_owner_first(harness: StoreHarness) -> None:
    jobs = [harness.submit() for _ in range(5)]
    assert [harness.take().id for _ in jobs] == jobs


def test_claim_takes_the_most_urgent_priority_first_and_passes_the_oldest_three_times(
    harness: StoreHarness,
) -> None:
    for queue_class, name in ((LOW, "low"), (QueueClass(), "normal"), (HIGH, "high")):
        harness.submit(name, queue_class=queue_class)
        harness.submit(f"{name}-awaited", queue_class=QueueClass(queue_class.priority, interactive=True))
    assert _order(harness) == ["high-awaited", "high", "normal-awaited", "low", "normal", "low-awaited"]


def test_claim_takes_the_oldest_job_after_three_of_a_higher_class(harness: StoreHarness) -> None:
    for _ in range(4):
        harness.submit("j")
    for _ in range(8):
        harness.submit("a", queue_class=AWAITED)
    assert "".join(_order(harness)) == "aaajaaajaajj"


@pytest.mark.parametrize("owner", ["", "ann"])
def test_claim_takes_a_low_job_when_higher_ones_never_end(harness: StoreHarness, owner: str) -> None:
    low = harness.submit("low", owner=owner, queue_class=LOW)
    taken = []
    while low not in taken:
        for _ in range(2):
            harness.submit("high", owner=owner, queue_class=HIGH)
        taken.append(harness.take().id)
    assert len(taken) == 4


def test_claim_gives_an_owner_its_turn_when_another_has_only_high_jobs(harness: StoreHarness) -> None:
    for _ in range(30):
        harness.submit("high", owner="ann", queue_class=HIGH)
    harness.submit("low", owner="bob", queue_class=LOW)
    assert "low" in [harness.take().id.rstrip("0123456789") for _ in range(2)]


def test_claim_waits_when_the_kept_outcomes_of_an_owner_fill_its_bytes(
    make_harness: MakeHarness, redis: "Redis"
) -> None:
    harness = make_harness(key_bytes_max=20_000)
    first, second = (harness.submit(owner="ann") for _ in range(2))
    free = harness.submit(owner="bob")
    claimed = harness.take()
    assert claimed.id == first
    harness.store.finish(first, claimed.token, Outcome(result={}, stdout="x" * 20_000))
    assert harness.take().id == free
    assert harness.store.claim() is None
    harness.check()
    harness.expire(first)
    harness.store.reconcile()
    assert harness.take().id == second
    harness.check()


def test_claim_takes_owners_in_turn(harness: StoreHarness) -> None:
    for owner, number in (("ann", 5), ("bob", 2), ("", 3)):
        for _ in range(number):
            harness.submit(owner or "none", owner=owner)
    assert _order(harness) == ["ann", "bob", "none"] * 2 + ["ann", "none", "ann", "ann"]


@pytest.mark.parametrize("taken", range(4))
def test_claim_reaches_a_new_owner_within_two_jobs_when_another_has_many(
    harness: StoreHarness, taken: int
) -> None:
    for _ in range(200):
        harness.submit("many", owner="ann")
    for _ in range(taken):
        harness.take()
    harness.submit("one", owner="bob")
    assert "one" in [harness.take().id.rstrip("0123456789") for _ in range(2)]


def test_claim_skips_a_capped_owner_and_keeps_its_turn(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    for _ in range(3):
        harness.submit("ann", owner="ann")
    for _ in range(3):
        harness.submit("bob", owner="bob")
    ann, bob = harness.take(), harness.take()
    assert (ann.id[:3], bob.id[:3]) == ("ann", "bob")
    assert harness.store.claim() is None
    harness.check()
    harness.store.finish(ann.id, ann.token, DONE)
    assert harness.take().id[:3] == "ann"
    assert harness.store.claim() is None
    harness.check()


def test_claim_applies_the_cap_to_all_classes_together(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=2)
    for queue_class in QUEUE_CLASSES:
        harness.submit(owner="ann", queue_class=queue_class)
    first, _ = harness.take(), harness.take()
    assert harness.store.claim() is None
    harness.store.cancel(first.id, owner="ann")
    harness.take()
    assert harness.store.claim() is None
    harness.check()


def test_claim_takes_capped_owners_out_of_the_rotation(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    for number in range(50):
        for _ in range(2):
            harness.submit(owner=f"owner-{number}")
    for _ in range(50):
        harness.take()
    assert harness.store.claim() is None
    assert not harness.redis.exists(keys.rotation(STDLIB))
    harness.check()


def test_claim_applies_no_cap_when_there_is_no_owner(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    for _ in range(3):
        harness.submit()
    assert len(_order(harness)) == 3


def test_claim_ends_a_job_as_expired_when_its_deadline_has_passed(
    make_harness: MakeHarness, harness: StoreHarness
) -> None:
    late = make_harness(queue_ttl=0).submit(reply="me")
    fresh = harness.submit()
    assert harness.take().id == fresh
    error = outcome_of(harness, late).error
    assert error is not None
    assert error.type is ErrorType.EXPIRED
    assert harness.woken("me") == [late]
    harness.check()


def test_claim_keeps_the_turn_of_an_owner_when_its_job_has_expired(
    make_harness: MakeHarness, harness: StoreHarness
) -> None:
    make_harness(queue_ttl=0).submit(owner="ann")
    harness.submit("ann", owner="ann")
    harness.submit("bob", owner="bob")
    assert _order(harness) == ["ann", "bob"]


def test_claim_skips_a_job_when_its_record_is_gone(redis: "Redis", harness: StoreHarness) -> None:
    gone, there = harness.submit(owner="ann"), harness.submit(owner="ann")
    size = int(redis.hget(keys.job(gone), "bytes") or 0)
    redis.delete(keys.job(gone))
    redis.zrem(keys.of_owner("ann", "jobs"), gone)
    redis.hincrby(keys.of_owner("ann", "bytes"), "active", -size)
    assert harness.take().id == there
    harness.check()


def test_claim_gives_each_job_to_one_worker_when_many_claim_at_once(
    server_url: str, harness: StoreHarness
) -> None:
    jobs = {
        harness.submit(owner=f"owner-{n % 3}", queue_class=QUEUE_CLASSES[n % len(QUEUE_CLASSES)])
        for n in range(1000)
    }
    start = threading.Barrier(4)

    def work() -> list[Claimed]:
        store, found = StoreHarness(server_url).store, []
        start.wait()
        while claimed := store.claim():
            found.append(claimed)
            if len(found) % 2:
                assert store.finish(claimed.id, claimed.token, DONE).counts
        return found

    with ThreadPoolExecutor(4) as threads:
        workers = [threads.submit(work) for _ in range(4)]
        claims = Counter(claimed.id for worker in workers for claimed in worker.result())
    assert claims == Counter(jobs)
    harness.check()


def test_finish_takes_effect_for_one_worker_when_two_finish_at_once(
    harness: StoreHarness, make_harness: MakeHarness
) -> None:
    stores = [make_harness().store, make_harness().store]

    def race(number: int) -> bool:
        return stores[number].finish(claimed.id, claimed.token + number, DONE).counts

    with ThreadPoolExecutor(4) as threads:
        for _ in range(100):
            job_id = harness.submit(reply="me")
            claimed = harness.take()
            assert list(threads.map(race, [0, 1])) == [True, False]
            assert harness.status(job_id) is Status.SUCCEEDED
    assert len(harness.woken("me")) == len(set(harness.woken("me"))) == 100


def test_claim_works_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit()
    redis.config_set("maxmemory", 1)
    try:
        assert harness.take().id == job_id
    finally:
        redis.config_set("maxmemory", 0)
