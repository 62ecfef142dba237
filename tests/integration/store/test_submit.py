from contextlib import suppress
from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from jobs.job import Job
from jobs.mode import Mode
from jobs.outcome import Outcome
from jobs.status import Status
from store import keys
from store.errors import IdempotencyConflict, QueueFull, RateLimited, StorageFull
from store.lua_source import IDEMPOTENCY_BYTES, RECORD_BYTES
from store.queue_class import Priority, QueueClass
from store.submission import BATCH_MAX, Submission
from tests.support.store import DONE, JOB, TTL, MakeHarness, StoreHarness

OTHER = Job("def main():\n    return {'other': 1}")
PROGRAM = Job("print()", mode=Mode.PROGRAM, argv=("-n", "é"))


def _batch(*names: str, job: Job = JOB, queue_class: QueueClass | None = None) -> list[Submission]:
    return [Submission(name, job, queue_class or QueueClass()) for name in names]


def test_submit_queues_jobs_in_order(harness: StoreHarness) -> None:
    made = harness.store.submit(_batch("a", "b", "c"))
    assert [(one.id, one.created) for one in made] == [("a", True), ("b", True), ("c", True)]
    assert [harness.take().id for _ in made] == ["a", "b", "c"]
    harness.check()


def test_submit_accepts_the_largest_batch(harness: StoreHarness) -> None:
    assert len(harness.store.submit(_batch(*map(str, range(BATCH_MAX))))) == BATCH_MAX
    harness.check()


def test_submit_returns_the_same_jobs_when_key_and_batch_are_the_same(harness: StoreHarness) -> None:
    first = harness.store.submit(_batch("a", "b"), idempotency_key="k")
    again = harness.store.submit(_batch("c", "d"), idempotency_key="k")
    assert [one.id for one in again] == [one.id for one in first]
    assert not any(one.created for one in again)
    assert harness.queued() == 2


@pytest.mark.parametrize(
    "other",
    [replace(PROGRAM, argv=()), replace(PROGRAM, argv=("-né",)), replace(PROGRAM, mode=Mode.MAIN, argv=())],
)
def test_submit_raises_conflict_when_only_mode_or_argv_differ(harness: StoreHarness, other: Job) -> None:
    harness.submit(job=PROGRAM, idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        harness.submit(job=other, idempotency_key="k")


@pytest.mark.parametrize(
    "other",
    [
        _batch("x"),
        _batch("x", "y", "z"),
        _batch("x", "y", job=OTHER),
        _batch("x", "y", queue_class=QueueClass(Priority.HIGH)),
    ],
    ids=["fewer", "more", "another script", "another class"],
)
def test_submit_raises_conflict_when_the_key_was_used_for_another_batch(
    harness: StoreHarness, other: list[Submission]
) -> None:
    harness.store.submit(_batch("a", "b"), idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        harness.store.submit(other, idempotency_key="k")
    assert harness.queued() == 2


def test_submit_keeps_idempotency_keys_of_owners_apart(harness: StoreHarness) -> None:
    harness.store.submit(_batch("a"), owner="ann", idempotency_key="k")
    (made,) = harness.store.submit(_batch("b"), owner="bob", idempotency_key="k")
    assert made.id == "b"


def test_submit_reuses_an_idempotency_key_when_all_its_jobs_are_gone(
    harness: StoreHarness, redis: "Redis"
) -> None:
    harness.store.submit(_batch("a", "b"), idempotency_key="k")
    redis.delete(keys.job("a"))
    # Job "b" may still run, so the repeated batch must not run it a second time.
    assert not harness.store.submit(_batch("c", "d"), idempotency_key="k")[0].created
    redis.delete(keys.job("b"))
    assert harness.store.submit(_batch("c", "d"), idempotency_key="k")[0].created


def test_idempotency_key_expires_with_the_last_record_of_its_jobs(
    harness: StoreHarness, redis: "Redis"
) -> None:
    harness.store.submit(_batch("a", "b"), idempotency_key="k")
    (entry,) = map(str, redis.keys(keys.idempotency("", "*")))
    for job_id, expires in (("a", False), ("b", True)):
        claimed = harness.take()
        assert claimed.id == job_id
        harness.store.finish(job_id, claimed.token, DONE)
        assert (redis.pexpiretime(entry) == redis.pexpiretime(keys.job(job_id))) == expires
        harness.check()
    redis.delete(entry)
    assert harness.store.submit(_batch("c", "d"), idempotency_key="k")[0].created


def test_idempotency_keys_count_in_the_bytes_of_their_owner(make_harness: MakeHarness) -> None:
    harness = make_harness(key_bytes_max=100_000)
    with suppress(StorageFull):
        for number in range(100):
            harness.submit(owner="ann", idempotency_key=str(number))
    entries = len(harness.redis.keys(keys.idempotency("ann", "*")))
    assert 0 < entries <= 100_000 / (RECORD_BYTES + IDEMPOTENCY_BYTES)


@pytest.mark.parametrize("with_key", [False, True])
@pytest.mark.parametrize("jobs", [1, BATCH_MAX])
def test_bytes_of_jobs_are_about_what_redis_takes(
    harness: StoreHarness, redis: "Redis", with_key: bool, jobs: int
) -> None:
    for batch in range(1000 // jobs):
        harness.store.submit(
            _batch(*(f"{batch:016}{n:016}" for n in range(jobs))),
            owner="ann",
            idempotency_key=f"k{batch}" if with_key else "",
        )
    taken = sum(redis.memory_usage(str(key), samples=0) or 0 for key in redis.scan_iter(count=1000))
    assert 0.5 < taken / harness.bytes_of("ann")[0] < 1.1


def test_submit_accepts_none_of_a_batch_when_the_queue_is_full(make_harness: MakeHarness) -> None:
    harness = make_harness(queue_max=3)
    harness.store.submit(_batch("a", "b"))
    with pytest.raises(QueueFull) as refused:
        harness.store.submit(_batch("c", "d"), owner="ann")
    assert refused.value.whose == "service"
    assert refused.value.retry_after > 0
    harness.check()
    harness.take()
    assert len(harness.store.submit(_batch("c", "d"), owner="ann")) == 2


def test_submit_refuses_one_owner_only_when_its_queue_is_full(make_harness: MakeHarness) -> None:
    harness = make_harness(key_queued_max=2)
    harness.store.submit(_batch("a", "b"), owner="ann")
    with pytest.raises(QueueFull) as refused:
        harness.store.submit(_batch("c"), owner="ann")
    assert refused.value.whose == "key"
    harness.store.submit(_batch("c"), owner="bob")
    # Without API keys there is no owner to bound.
    harness.store.submit(_batch("d", "e", "f"))
    harness.check()


def test_submit_refuses_one_owner_only_when_its_jobs_fill_its_bytes(make_harness: MakeHarness) -> None:
    harness = make_harness(key_bytes_max=20_000)
    large = Job(JOB.script, stdin="x" * 10_000)
    harness.store.submit(_batch("a", job=large), owner="ann")
    for jobs in (_batch("b", job=large), _batch(*map(str, range(9)))):
        with pytest.raises(StorageFull) as refused:
            harness.store.submit(jobs, owner="ann")
        assert refused.value.retry_after == 5
        assert "has not ended" in str(refused.value)
        harness.check()
    harness.store.submit(_batch("b", job=large), owner="bob")
    # Without API keys there is no owner to bound.
    harness.store.submit(_batch("c", "d", job=Job(JOB.script, stdin="x" * 30_000)))
    # An outcome replaces the input of its job.
    harness.store.finish("a", harness.take().token, DONE)
    harness.store.submit(_batch("e", job=large), owner="ann")
    harness.check()


def test_submit_returns_the_time_to_expiry_when_kept_outcomes_fill_the_bytes(
    make_harness: MakeHarness,
) -> None:
    harness = make_harness(key_bytes_max=20_000)
    job_id = harness.submit(owner="ann")
    harness.store.finish(job_id, harness.take().token, Outcome(result={}, stdout="x" * 20_000))
    with pytest.raises(StorageFull) as refused:
        harness.submit(owner="ann")
    assert TTL - 5 < refused.value.retry_after <= TTL
    assert "expires in about" in str(refused.value)
    with pytest.raises(StorageFull):
        harness.store.check_admission(1, owner="ann")
    harness.store.check_admission(1, owner="bob")


def test_submit_answers_a_repeat_when_a_new_job_would_be_refused(make_harness: MakeHarness) -> None:
    harness = make_harness(queue_max=1, key_rate=0.001)
    harness.store.submit(_batch("a"), owner="ann", idempotency_key="k")
    (again,) = harness.store.submit(_batch("b"), owner="ann", idempotency_key="k")
    assert again.id == "a"


def test_submit_returns_the_time_to_retry_when_an_owner_is_too_fast(make_harness: MakeHarness) -> None:
    harness = make_harness(key_rate=2)
    harness.submit(owner="ann")
    harness.submit(owner="ann")
    with pytest.raises(RateLimited) as refused:
        harness.submit(owner="ann")
    assert 0 < refused.value.retry_after <= 0.5
    harness.submit(owner="bob")
    harness.submit()
    harness.check()


def test_submit_accepts_a_batch_above_the_rate_and_delays_the_next(make_harness: MakeHarness) -> None:
    harness = make_harness(key_rate=1)
    harness.store.submit(_batch(*"abcdefghij"), owner="ann")
    with pytest.raises(RateLimited) as refused:
        harness.submit(owner="ann")
    assert 9 < refused.value.retry_after <= 10
    assert harness.redis.ttl(keys.of_owner("ann", "rate")) <= 10


def test_submit_takes_no_tokens_when_it_refuses(make_harness: MakeHarness) -> None:
    harness = make_harness(key_rate=1, key_queued_max=1)
    full = make_harness(key_rate=1, queue_max=0)
    for _ in range(3):
        with pytest.raises(QueueFull):
            full.submit(owner="ann")
    harness.submit(owner="ann")


def test_submit_registers_the_reply_channel(harness: StoreHarness) -> None:
    job_id = harness.submit(reply="me")
    claimed = harness.take()
    harness.store.finish(job_id, claimed.token, DONE)
    assert harness.woken("me") == [job_id]


def test_submit_raises_and_changes_nothing_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            harness.submit("x")
    finally:
        redis.config_set("maxmemory", 0)
    assert harness.queued() == 0
    harness.check()


@pytest.mark.parametrize(
    "job", [Job("def main(a):\n    return {'é': a}", inputs={"a": [1, None]}, stdin="\n\x00é"), PROGRAM]
)
def test_submit_stores_the_whole_job(harness: StoreHarness, job: Job) -> None:
    job_id = harness.submit(job=job)
    assert harness.status(job_id) is Status.QUEUED
    assert harness.take().job == job
