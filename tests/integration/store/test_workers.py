"""Workers that consume, stop and vanish."""

from dataclasses import replace

import pytest
from redis import Redis

from store import keys
from store.serialisation import encode_worker
from store.worker import GONE_MAX, GONE_SECONDS, REGISTRATION_TTL, SeenWorker, Worker
from tests.support.store import StoreHarness

WORKER = Worker(
    "host-1",
    "nsjail",
    "namespaces",
    version="1.0",
    python="3.11.7",
    jobs_at_once=2,
    started_ms=1_700_000_000_000,
)
OTHER = replace(WORKER, id="host-2")


def lapse(redis: "Redis", worker: Worker, seconds: int = 1) -> None:
    """Change the registration of a worker as if it had lapsed some time ago."""
    redis.zadd(keys.WORKERS, {encode_worker(worker): redis.time()[0] - seconds}, xx=True)


def names(harness: StoreHarness) -> list[tuple[str, bool]]:
    return [(seen.worker.id, seen.gone) for seen in harness.store.seen_workers()]


def test_registered_worker_is_seen_with_the_time_of_its_registration(
    harness: StoreHarness, redis: "Redis"
) -> None:
    before = redis.time()[0]
    harness.store.register_worker(WORKER)
    [seen] = harness.store.seen_workers()
    assert seen == SeenWorker(WORKER, seen.seen_s, gone=False)
    assert before <= seen.seen_s <= redis.time()[0]
    assert harness.store.workers() == [WORKER]


@pytest.mark.parametrize("others", [0, 1])
def test_vanished_worker_is_seen_as_gone_whether_or_not_another_registers(
    harness: StoreHarness, redis: "Redis", others: int
) -> None:
    harness.store.register_worker(WORKER)
    lapse(redis, WORKER, 30)
    for _ in range(2 * others):
        harness.store.register_worker(OTHER)
    assert names(harness) == [("host-2", False)] * others + [("host-1", True)]
    assert redis.time()[0] - harness.store.seen_workers()[-1].seen_s >= 30 + REGISTRATION_TTL
    assert harness.store.workers() == [OTHER] * others


def test_worker_is_not_gone_when_it_registers_again(harness: StoreHarness, redis: "Redis") -> None:
    harness.store.register_worker(WORKER)
    lapse(redis, WORKER)
    harness.store.register_worker(OTHER)
    harness.store.register_worker(WORKER)
    assert sorted(names(harness)) == [("host-1", False), ("host-2", False)]


def test_stopped_worker_is_forgotten(harness: StoreHarness) -> None:
    harness.store.register_worker(WORKER)
    harness.store.unregister_worker(WORKER)
    harness.store.register_worker(OTHER)
    assert names(harness) == [("host-2", False)]


@pytest.mark.parametrize("registers", [False, True])
def test_vanished_worker_is_forgotten_after_an_hour(
    harness: StoreHarness, redis: "Redis", registers: bool
) -> None:
    harness.store.register_worker(WORKER)
    lapse(redis, WORKER, GONE_SECONDS + 1)
    if registers:
        harness.store.register_worker(OTHER)
        assert not redis.exists(keys.GONE_WORKERS)
    assert names(harness) == [("host-2", False)] * registers


def test_vanished_workers_are_bounded(harness: StoreHarness, redis: "Redis") -> None:
    vanished = [replace(WORKER, id=f"gone-{n}") for n in range(GONE_MAX + 20)]
    now = redis.time()[0]
    redis.zadd(keys.WORKERS, {encode_worker(one): now - n for n, one in enumerate(vanished, 1)})
    newest = [(worker.id, True) for worker in vanished[:GONE_MAX]]
    assert names(harness) == newest
    harness.store.register_worker(OTHER)
    assert names(harness) == [("host-2", False), *newest]
    assert redis.zcard(keys.GONE_WORKERS) == GONE_MAX
