"""Jobs of several environments: who claims them, in which order, and who is notified."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from redis import Redis

from config.names import ID_PLACEHOLDER, QUEUE_PLACEHOLDER, queue_of
from jobs.environment import STDLIB, Environment, Package
from jobs.mode import Mode
from jobs.outcome import ErrorType
from jobs.status import Status
from store import keys
from store.announcements import ANNOUNCEMENT_TTL
from store.errors import IdempotencyConflict, QueueFull
from store.queue_class import Priority, QueueClass
from store.serialisation import encode_environment
from store.worker import Worker
from tests.support.store import DONE, JOB, MakeHarness, StoreHarness, has_waiting_client, outcome_of
from tests.support.wait import eventually

BOTH = (STDLIB, "data")
MESSAGE = f"message {ID_PLACEHOLDER} for {QUEUE_PLACEHOLDER}"
HIGH = QueueClass(Priority.HIGH)

DATA = Environment("data", "3.11.7", "sha256:1", (Package("numpy", "2.4.6", "BSD"),), ("numpy",), ("numpy",))
WORKER = Worker("host-1", "nsjail", "namespaces", BOTH)


@pytest.fixture
def harness(make_harness: MakeHarness) -> StoreHarness:
    """A worker with both environments."""
    return make_harness(environments=BOTH, notification=MESSAGE)


@pytest.fixture
def plain(make_harness: MakeHarness) -> StoreHarness:
    """A worker with `stdlib` alone."""
    return make_harness(notification=MESSAGE)


def _submit(
    harness: StoreHarness, environment: str, owner: str = "", queue_class: QueueClass | None = None
) -> str:
    """Queue a job whose id begins with its owner and its environment."""
    return harness.submit(
        f"{owner}:{environment}:",
        owner=owner,
        queue_class=queue_class,
        job=replace(JOB, environment=environment),
    )


def _order(workers: Sequence[StoreHarness]) -> list[str]:
    """Claim every job, with each of the workers in turn; return owners and environments."""
    names: list[str] = []
    while True:
        before = len(names)
        for worker in workers:
            if claimed := worker.store.claim():
                names.append(claimed.id.rpartition(":")[0])
        worker.check()
        if len(names) == before:
            return names


def test_claim_takes_only_jobs_of_its_own_environments(plain: StoreHarness, harness: StoreHarness) -> None:
    packaged, other = _submit(plain, "data"), _submit(plain, "geo")
    assert plain.store.claim() is None
    claimed = harness.take()
    assert (claimed.id, claimed.job.environment) == (packaged, "data")
    assert harness.store.claim() is None
    assert harness.read(other).environment == "geo"
    assert harness.read(packaged).environment == "data"
    assert harness.read(_submit(plain, STDLIB)).environment == STDLIB
    harness.check()


def test_claim_takes_owners_in_turn_when_one_uses_several_environments(harness: StoreHarness) -> None:
    for _ in range(3):
        for environment in BOTH:
            _submit(harness, environment, "ann")
        _submit(harness, STDLIB, "bob")
        _submit(harness, "data", "eve")
    owners = [name.partition(":")[0] for name in _order([harness])]
    assert owners == ["ann", "bob", "eve"] * 3 + ["ann"] * 3


def test_claim_takes_owners_in_turn_when_workers_have_different_environments(
    harness: StoreHarness, plain: StoreHarness
) -> None:
    for _ in range(6):
        for environment in BOTH:
            _submit(harness, environment, "ann")
        _submit(harness, STDLIB, "bob")
        _submit(harness, STDLIB, "eve")
    owners = [name.partition(":")[0] for name in _order([plain, harness])]
    assert [owners[:12].count(owner) for owner in ("ann", "bob", "eve")] == [4, 4, 4]


def test_claim_gives_an_owner_no_earlier_turn_when_it_enters_a_second_environment(
    harness: StoreHarness,
) -> None:
    _submit(harness, STDLIB, "ann")
    _submit(harness, STDLIB, "bob")
    _submit(harness, STDLIB, "ann")
    harness.take()
    _submit(harness, "data", "ann")
    assert _order([harness]) == ["bob:stdlib", "ann:stdlib", "ann:data"]


def test_claim_takes_the_most_urgent_job_of_an_owner_whatever_its_environment(harness: StoreHarness) -> None:
    for environment in (STDLIB, "data"):
        _submit(harness, environment)
        _submit(harness, environment, queue_class=HIGH)
    taken = [harness.take().id.split(":")[1] for _ in range(4)]
    assert taken == [STDLIB, "data", STDLIB, "data"]


def test_claim_passes_the_oldest_job_three_times_when_others_of_another_environment_are_more_urgent(
    harness: StoreHarness,
) -> None:
    _submit(harness, "data")
    for _ in range(5):
        _submit(harness, STDLIB, queue_class=HIGH)
    taken = [harness.take().id.split(":")[1] for _ in range(6)]
    assert taken == [STDLIB] * 3 + ["data"] + [STDLIB] * 2


@pytest.mark.parametrize("how", ["finish", "cancel"])
def test_cap_holds_for_all_environments_together_and_ends_in_all(make_harness: MakeHarness, how: str) -> None:
    harness = make_harness(environments=BOTH, notification=MESSAGE, key_running_max=1)
    plain = make_harness(notification=MESSAGE, key_running_max=1)
    running = _submit(harness, STDLIB, "ann")
    claimed = plain.take()
    waiting = [_submit(harness, STDLIB, "ann")]
    assert harness.store.claim() is None
    # The owner is capped in an environment that it uses for the first time.
    waiting.append(_submit(harness, "data", "ann"))
    harness.check()
    assert harness.store.claim() is None
    for environment in BOTH:
        harness.take_notifications(environment)
    harness.store.notify()
    assert not harness.take_notifications()
    assert not harness.take_notifications("data")
    if how == "finish":
        plain.store.finish(running, claimed.token, DONE)
    else:
        plain.store.cancel(running, owner="ann")
    # A worker that has only one of the environments has ended the job.
    assert [len(harness.take_notifications(environment)) for environment in BOTH] == [1, 1]
    harness.check()
    for job_id in waiting:
        claimed = harness.take()
        assert claimed.id == job_id
        harness.store.finish(claimed.id, claimed.token, DONE)
    harness.check()


def test_owner_stays_capped_when_its_last_job_of_one_environment_is_cancelled(
    make_harness: MakeHarness,
) -> None:
    harness = make_harness(environments=BOTH, key_running_max=1)
    running = _submit(harness, STDLIB, "ann")
    waiting = [_submit(harness, environment, "ann") for environment in BOTH]
    claimed = harness.take()
    assert harness.store.claim() is None
    harness.store.cancel(waiting[0], owner="ann")
    harness.check()
    harness.store.finish(running, claimed.token, DONE)
    assert harness.take().id == waiting[1]
    harness.check()


def test_submit_counts_the_queued_jobs_of_an_owner_in_all_environments(make_harness: MakeHarness) -> None:
    harness = make_harness(key_queued_max=3)
    for environment in (STDLIB, "data", "geo"):
        _submit(harness, environment, "ann")
    with pytest.raises(QueueFull):
        _submit(harness, STDLIB, "ann")
    with pytest.raises(QueueFull):
        harness.store.check_admission(1, owner="ann")
    _submit(harness, "data", "bob")


def test_submit_raises_conflict_when_only_the_environment_differs(harness: StoreHarness) -> None:
    harness.submit(job=JOB, idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        harness.submit(job=replace(JOB, environment="data"), idempotency_key="k")


def test_store_notifies_the_workers_of_an_environment(harness: StoreHarness) -> None:
    for _ in range(3):
        _submit(harness, "data")
    assert not harness.take_notifications()
    (message,) = harness.take_notifications("data")
    assert message.endswith(f" for {queue_of('data')}")
    harness.take()
    assert len(harness.take_notifications("data")) == 1
    _submit(harness, STDLIB)
    (message,) = harness.take_notifications()
    assert message.endswith(f" for {queue_of(STDLIB)}")


def test_claim_notifies_of_the_environment_whose_job_it_did_not_take(harness: StoreHarness) -> None:
    _submit(harness, "data")
    _submit(harness, STDLIB)
    harness.take_notifications("data")
    harness.take_notifications()
    harness.take()
    assert (len(harness.take_notifications()), len(harness.take_notifications("data"))) == (1, 0)


def test_store_repeats_no_notification_when_no_worker_has_the_environment(
    plain: StoreHarness, redis: "Redis"
) -> None:
    _submit(plain, "data")
    for _ in range(3):
        assert plain.store.claim() is None
        plain.store.reconcile()
        plain.store.notify()
    assert not plain.take_notifications()
    assert redis.llen(keys.notifications("data")) == 1


def test_wait_and_claim_ends_when_a_job_of_another_environment_comes(make_harness: MakeHarness) -> None:
    harness = make_harness(environments=BOTH, notification=MESSAGE, block=30)
    claimed: list[str] = []

    def wait() -> None:
        waited = harness.store.wait_and_claim("worker-1", 30)
        assert waited.claimed is not None
        claimed.append(waited.claimed.id)

    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: has_waiting_client(harness.redis), within=10, what="a client waits")
    job_id = _submit(harness, "data")
    thread.join()
    assert claimed == [job_id]


def test_release_requeues_a_job_in_its_environment(harness: StoreHarness, plain: StoreHarness) -> None:
    job_id = _submit(harness, "data")
    claimed = harness.take()
    harness.take_notifications("data")
    assert harness.store.release(job_id, claimed.token)
    assert len(harness.take_notifications("data")) == 1
    assert plain.store.claim() is None
    assert harness.take().id == job_id
    harness.check()


def test_reconcile_requeues_a_job_in_its_environment_when_its_worker_lacks_it(
    harness: StoreHarness, plain: StoreHarness
) -> None:
    job_id = _submit(harness, "data")
    harness.take(lapsing=True)
    done = plain.store.reconcile()
    assert done is not None
    assert done.requeued == 1
    plain.check()
    assert harness.take().id == job_id


def test_reconcile_ends_a_job_as_expired_when_no_worker_has_its_environment(
    make_harness: MakeHarness, plain: StoreHarness
) -> None:
    job_id = _submit(make_harness(queue_ttl=0), "geo")
    plain.store.reconcile()
    error = outcome_of(plain, job_id).error
    assert error is not None
    assert error.type is ErrorType.EXPIRED
    plain.check()


def test_statistics_count_jobs_by_mode_and_environment(harness: StoreHarness) -> None:
    for environment in (STDLIB, "data", "data"):
        _submit(harness, environment)
    harness.submit(job=replace(JOB, mode=Mode.PROGRAM, environment="data"))
    statistics = harness.store.statistics()
    assert sum(statistics.queued.values()) == 4
    submitted = {name: n for name, n in statistics.counters.items() if name.startswith("submitted:")}
    assert submitted == {"submitted:main:stdlib": 1, "submitted:main:data": 2, "submitted:program:data": 1}


def test_environments_are_those_that_workers_announce(harness: StoreHarness) -> None:
    assert [environment.name for environment in harness.store.environments()] == [STDLIB]
    harness.store.register_worker(WORKER, [Environment(STDLIB, "3.11.9"), DATA])
    assert harness.store.environments() == [DATA, Environment(STDLIB, "3.11.9")]
    assert harness.store.workers() == [WORKER]


def test_environments_stay_announced_when_their_worker_has_stopped(harness: StoreHarness) -> None:
    harness.store.register_worker(WORKER, [DATA])
    harness.store.unregister_worker(WORKER)
    assert harness.store.workers() == []
    assert DATA in harness.store.environments()


def test_environments_are_forgotten_when_no_worker_had_them_for_ten_minutes(
    harness: StoreHarness, redis: "Redis"
) -> None:
    harness.store.register_worker(WORKER, [DATA])
    member, now = encode_environment(DATA), redis.time()[0]
    lapses = redis.zscore(keys.ANNOUNCED, member)
    assert lapses is not None
    assert 0 <= now + ANNOUNCEMENT_TTL - lapses <= 60
    redis.zadd(keys.ANNOUNCED, {member: now - 1})
    assert DATA not in harness.store.environments()
    harness.store.register_worker(WORKER)
    redis.zadd(keys.ANNOUNCED, {member: now - 2})
    harness.store.register_worker(WORKER)
    assert not redis.exists(keys.ANNOUNCED)


def test_reconcile_takes_over_the_owners_of_an_earlier_version(
    make_harness: MakeHarness, redis: "Redis"
) -> None:
    harness = make_harness(notification=MESSAGE)
    for owner in ("ann", "bob", "eve"):
        for _ in range(2):
            _submit(harness, STDLIB, owner)
    harness.take_notifications()
    # A process of version 0.2.0 leaves its owners here. `gone` has no job any more, `bob` has reached a maximum.
    redis.delete(keys.rotation(STDLIB))
    redis.rpush(keys.EARLIER_ROTATION, "eve", "gone", "ann")
    redis.sadd(keys.EARLIER_CAPPED, "bob")
    assert harness.store.claim() is None
    harness.store.reconcile()
    harness.check()
    assert not redis.exists(keys.EARLIER_ROTATION, keys.EARLIER_CAPPED)
    assert len(harness.take_notifications()) == 1
    assert _order([harness]) == ["ann:stdlib", "bob:stdlib", "eve:stdlib"] * 2


@pytest.mark.parametrize("how", ["claim", "cancel"])
def test_job_of_an_earlier_version_leaves_its_second_queue(harness: StoreHarness, how: str) -> None:
    job_id = harness.submit(owner="ann")
    # Version 0.2.0 has a second queue, and no field for waiters.
    harness.redis.hdel(keys.job(job_id), "waiters")
    queued = keys.of_owner("ann", keys.EARLIER_QUEUED)
    harness.redis.zadd(queued, {job_id: 1})
    if how == "claim":
        assert harness.take().id == job_id
    else:
        assert harness.store.cancel(job_id, owner="ann")
    assert not harness.redis.exists(queued)


def test_claim_skips_an_owner_when_an_earlier_version_has_removed_its_last_job(
    harness: StoreHarness, redis: "Redis"
) -> None:
    job_id = _submit(harness, STDLIB, "ann")
    other = _submit(harness, "data", "bob")
    # Version 0.2.0 does not know the rotation.
    redis.zadd(keys.rotation(STDLIB), {"gone": 0})
    assert harness.take().id == job_id
    assert harness.take().id == other
    assert harness.store.claim() is None
    harness.check()


def test_status_is_queued_when_no_worker_has_the_environment(harness: StoreHarness) -> None:
    job_id = _submit(harness, "geo")
    _submit(harness, STDLIB)
    harness.take()
    assert harness.store.claim() is None
    assert harness.status(job_id) is Status.QUEUED
    assert harness.store.cancel(job_id) is not None
    harness.check()


def test_count_of_queued_jobs_is_right_when_an_earlier_version_queued_a_job_elsewhere(
    harness: StoreHarness,
) -> None:
    """An earlier version puts every job that it requeues into the queue of `stdlib`."""
    moved, other = _submit(harness, "data"), _submit(harness, "data")
    place = harness.redis.zscore(keys.of_owner("", "queue", "data"), moved)
    assert place is not None
    harness.redis.zrem(keys.of_owner("", "queue", "data"), moved)
    harness.redis.zadd(keys.of_owner("", "queue"), {moved: place})
    harness.redis.hincrby(keys.QUEUED_ENVIRONMENTS, "data", -1)
    harness.store.cancel(moved)
    assert harness.redis.hget(keys.QUEUED_ENVIRONMENTS, "data") == "1"
    claimed = harness.store.claim()
    assert claimed is not None
    assert claimed.id == other


def test_claim_ends_when_an_owner_at_its_maximum_is_in_a_rotation_that_is_not_counted(
    make_harness: MakeHarness,
) -> None:
    """It would block Redis for ever."""
    harness = make_harness(environments=BOTH, notification=MESSAGE, key_running_max=1)
    for _ in range(2):
        _submit(harness, "data", "owner")
    assert harness.store.claim()
    harness.redis.delete(keys.QUEUED_ENVIRONMENTS)
    assert harness.store.claim() is None
    assert harness.redis.zrange(keys.CAPPED, 0, -1) == ["owner"]


def test_reconcile_notifies_a_worker_when_one_of_an_earlier_version_has_just_reconciled(
    make_harness: MakeHarness, redis: "Redis"
) -> None:
    harness = make_harness(notification=MESSAGE, reconcile_every=1.0)
    _submit(harness, STDLIB)
    # A worker of version 0.2.0 takes the notification, sees no job, and is the first to reconcile each time.
    harness.take_notifications()
    redis.set(keys.EARLIER_RECONCILER, 0, px=60_000)
    assert harness.store.reconcile() is not None
    assert len(harness.take_notifications()) == 1
