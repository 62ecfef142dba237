from redis import Redis

from jobs.outcome import ErrorType
from jobs.status import Status
from jobs.system_outcomes import ATTEMPTS
from store import keys
from store.claims import Reconciled
from tests.support.store import DONE, RAISED, MakeHarness, StoreHarness, outcome_of
from tests.support.wait import eventually


def _reconcile(harness: StoreHarness, *, judge_leases: bool = True) -> Reconciled:
    done = harness.store.reconcile(judge_leases=judge_leases)
    assert done is not None
    return done


def test_reconcile_requeues_a_job_first_when_its_lease_has_lapsed(harness: StoreHarness) -> None:
    lapsed = harness.submit(owner="ann")
    for owner in ("ann", "bob"):
        harness.submit(owner=owner)
    harness.take(lapsing=True)
    assert _reconcile(harness).requeued == 1
    claimed = harness.take()
    assert (claimed.id, claimed.attempt) == (lapsed, 2)
    assert harness.store.statistics().counters["requeued"] == 1
    harness.check()


def test_reconcile_keeps_a_job_running_when_its_lease_is_valid(harness: StoreHarness) -> None:
    job_id = harness.submit()
    harness.take()
    assert _reconcile(harness).requeued == 0
    assert harness.status(job_id) is Status.RUNNING


def test_reconcile_keeps_lapsed_leases_when_it_does_not_judge_leases(harness: StoreHarness) -> None:
    job_id = harness.submit()
    harness.take(lapsing=True)
    assert _reconcile(harness, judge_leases=False).requeued == 0
    assert harness.status(job_id) is Status.RUNNING


def test_reconcile_ends_a_job_when_its_worker_was_lost_at_every_attempt(harness: StoreHarness) -> None:
    job_id = harness.submit(reply="me")
    for _ in range(ATTEMPTS - 1):
        harness.take(lapsing=True)
        assert _reconcile(harness).requeued == 1
    last = harness.take(lapsing=True)
    assert _reconcile(harness).lost == 1
    # The last worker was not lost but slow, and finishes too late.
    assert not harness.store.finish(job_id, last.token, RAISED).counts
    error = outcome_of(harness, job_id).error
    assert error is not None
    assert error.type is ErrorType.SANDBOX_FAILURE
    assert harness.woken("me") == [job_id]
    assert harness.store.claim() is None
    harness.check()


def test_reconcile_ends_a_job_as_expired_when_it_waited_too_long(
    harness: StoreHarness, make_harness: MakeHarness
) -> None:
    job_id = make_harness(queue_ttl=0).submit(owner="ann", reply="me")
    fresh = harness.submit(owner="ann")
    assert _reconcile(harness).expired == 1
    error = outcome_of(harness, job_id, owner="ann").error
    assert error is not None
    assert error.type is ErrorType.EXPIRED
    assert harness.woken("me") == [job_id]
    assert harness.status(fresh, "ann") is Status.QUEUED
    harness.check()


def test_reconcile_uncaps_owners_when_the_cap_was_raised(make_harness: MakeHarness) -> None:
    before, after = make_harness(key_running_max=1), make_harness(key_running_max=2)
    for _ in range(3):
        before.submit(owner="ann")
    before.take()
    assert before.store.claim() is None
    assert before.store.reconcile() is not None
    assert before.store.claim() is None
    _reconcile(after)
    after.take()
    assert after.store.claim() is None
    after.check()


def test_reconcile_removes_expired_records_from_the_list_of_their_owner(
    harness: StoreHarness, redis: "Redis"
) -> None:
    job_id = harness.submit(owner="ann with a space")
    harness.store.finish(job_id, harness.take().token, DONE)
    harness.expire(job_id)
    assert redis.zcard(keys.FINAL) == 1
    _reconcile(harness)
    # Only the counters of the service and the number of the latest submission are left.
    assert sorted(redis.keys("*")) == [keys.COUNTERS, keys.SEQUENCE]


def test_reconcile_does_nothing_when_another_worker_has_just_reconciled(make_harness: MakeHarness) -> None:
    one, other = (make_harness(reconcile_every=0.2).store for _ in range(2))
    assert one.reconcile() is not None
    assert other.reconcile() is None
    eventually(lambda: other.reconcile() is not None, within=5, what="the other store may reconcile")


def test_reconcile_removes_a_running_id_when_its_record_is_gone(
    harness: StoreHarness, redis: "Redis"
) -> None:
    job_id = harness.submit()
    harness.take(lapsing=True)
    redis.delete(keys.job(job_id))
    _reconcile(harness)
    assert redis.zcard(keys.RUNNING) == 0


def test_reconcile_needs_several_calls_when_many_jobs_are_due(
    harness: StoreHarness, make_harness: MakeHarness
) -> None:
    late = make_harness(queue_ttl=0)
    for _ in range(1200):
        late.submit()
    assert _reconcile(harness).expired == 1000
    assert _reconcile(harness).expired == 200


def test_reconcile_deletes_what_an_earlier_version_counts_for_the_empty_owner(harness: StoreHarness) -> None:
    harness.submit()
    harness.redis.sadd(keys.of_owner("", "running"), "a job of the earlier version")
    harness.redis.hset(keys.of_owner("", "bytes"), "active", 1000)
    harness.store.reconcile()
    harness.check()
