"""Snapshots of the queue's numbers in Redis."""

import pytest
from redis import Redis

from jobs.environment import STDLIB
from jobs.outcome import ErrorType
from store import keys
from store.history import SNAPSHOTS_MAX
from store.queue_class import QUEUE_CLASSES, Priority, QueueClass
from store.statistics import BUCKETS_MS
from tests.support.store import DONE, RAISED, StoreHarness

MINUTE = 60_000


def move_back(redis: "Redis", minutes: int) -> None:
    """Change the history as if its latest snapshot were older."""
    latest = redis.lindex(keys.HISTORY, 0)
    assert isinstance(latest, str)
    at, _, rest = latest.partition(" ")
    redis.lset(keys.HISTORY, 0, f"{int(at) - minutes * MINUTE} {rest}")


def test_history_begins_with_the_numbers_of_this_moment(harness: StoreHarness) -> None:
    harness.submit(queue_class=QueueClass(Priority.HIGH))
    for outcome in (DONE, RAISED):
        claimed = harness.take() if outcome is DONE else (harness.submit(), harness.take())[1]
        harness.store.finish(claimed.id, claimed.token, outcome)
    harness.submit(queue_class=QueueClass(Priority.LOW))
    [now] = harness.store.history()
    seconds, _ = harness.redis.time()
    assert abs(seconds * 1000 - now.at_ms) <= 60_000
    assert now.queued == {**dict.fromkeys(QUEUE_CLASSES, 0), QueueClass(Priority.LOW): 1}
    assert now.running == 0
    assert now.counters["submitted"] == 3
    assert now.counters["finished:succeeded"] == now.counters["finished:failed:exception"] == 1
    assert sum(now.counters.get(f"ran:{bound}", 0) for bound in (*BUCKETS_MS, "inf")) == 2
    assert now.counters.keys() <= {
        "submitted",
        "finished:succeeded",
        "finished:failed:exception",
        *(f"{what}:{bound}" for what in ("waited", "ran") for bound in (*BUCKETS_MS, "inf", "sum")),
    }


def test_snapshot_is_taken_once_in_a_minute(harness: StoreHarness, redis: "Redis") -> None:
    assert harness.store.take_snapshot()
    move_back(redis, 1)
    assert harness.store.take_snapshot()
    at = [one.at_ms for one in harness.store.history()]
    assert len(at) == 3
    assert at == sorted(at, reverse=True)
    # Both calls could be in different minutes only if one of them took a snapshot.
    taken = [harness.store.take_snapshot() for _ in range(3)]
    assert sum(taken) <= 1
    assert redis.llen(keys.HISTORY) == 2 + sum(taken)


def test_history_keeps_the_snapshots_of_one_hour(harness: StoreHarness, redis: "Redis") -> None:
    for _ in range(SNAPSHOTS_MAX + 5):
        assert harness.store.take_snapshot()
        move_back(redis, 1)
    assert redis.llen(keys.HISTORY) == SNAPSHOTS_MAX
    assert 0 < redis.ttl(keys.HISTORY) <= 7200


def test_history_takes_less_than_100_kb_when_every_counter_is_in_use(
    harness: StoreHarness, redis: "Redis"
) -> None:
    names = [f"finished:failed:{error}" for error in ErrorType]
    names += [f"{what}:{bound}" for what in ("waited", "ran") for bound in (*BUCKETS_MS, "inf", "sum")]
    names += [f"submitted:main:environment-{n}" for n in range(100)]
    redis.hset(keys.COUNTERS, mapping=dict.fromkeys([*names, "finished:succeeded"], 10**10))
    for _ in range(SNAPSHOTS_MAX):
        harness.store.take_snapshot()
        move_back(redis, 1)
    assert redis.llen(keys.HISTORY) == SNAPSHOTS_MAX
    assert 0 < (redis.memory_usage(keys.HISTORY, samples=0) or 0) < 100_000


def test_snapshot_is_taken_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    redis.config_set("maxmemory", 1)
    try:
        assert harness.store.take_snapshot()
    finally:
        redis.config_set("maxmemory", 0)
    assert redis.llen(keys.HISTORY) == 1


def test_snapshot_is_taken_when_the_clock_of_redis_was_put_back(
    harness: StoreHarness, redis: "Redis"
) -> None:
    harness.store.take_snapshot()
    move_back(redis, -90)
    assert harness.store.take_snapshot()


@pytest.mark.parametrize("owner", ["", "ann"])
def test_latest_jobs_have_their_error_and_mode_but_no_outcome(harness: StoreHarness, owner: str) -> None:
    failed = harness.submit(owner=owner)
    claimed = harness.take()
    harness.store.finish(claimed.id, claimed.token, RAISED)
    queued = harness.submit(owner=owner)
    harness.submit(owner="bob")
    newest, oldest = harness.store.latest(owner=owner)
    assert (newest.id, newest.status, newest.error, newest.run_ms) == (queued, "queued", None, None)
    assert (oldest.id, oldest.status, oldest.error) == (failed, "failed", "exception")
    assert (oldest.mode, oldest.environment) == ("main", STDLIB)
    record = harness.read(failed, owner)
    assert oldest.run_ms == (record.finished_ms or 0) - (record.started_ms or 0)
    assert oldest.queued_ms == (record.started_ms or 0) - record.created_ms


def test_latest_jobs_are_bounded_and_skip_expired_records(harness: StoreHarness) -> None:
    ids = [harness.submit(owner="ann") for _ in range(5)]
    claimed = harness.take()
    harness.store.finish(claimed.id, claimed.token, DONE)
    assert [one.id for one in harness.store.latest(owner="ann", limit=3)] == ids[:1:-1]
    harness.expire(ids[0])
    assert [one.id for one in harness.store.latest(owner="ann")] == ids[:0:-1]
