from redis import Redis

from jobs.outcome import ErrorType
from jobs.status import Status
from jobs.system_outcomes import ATTEMPTS
from store import keys
from store.reconcile import Reconcile, Reconciled
from tests.support.store import DONE, RAISED, TTL, Records, ended
from tests.support.wait import eventually


def _reconcile(records: Records, *, leases: bool = True) -> Reconciled:
    done = records.reconcile(leases=leases)
    assert done is not None
    return done


def test_a_job_whose_lease_has_lapsed_is_the_next_to_run(records: Records) -> None:
    lapsed = records.submit(owner="ann")
    for owner in ("ann", "bob"):
        records.submit(owner=owner)
    records.take(lapsing=True)
    assert _reconcile(records).requeued == 1
    claimed = records.take()
    assert (claimed.id, claimed.attempt) == (lapsed, 2)
    assert records.statistics().counters["requeued"] == 1
    records.check()


def test_a_job_under_its_lease_is_left_alone(records: Records) -> None:
    job_id = records.submit()
    records.take()
    assert _reconcile(records).requeued == 0
    assert records.status(job_id) is Status.RUNNING


def test_leases_are_spared_after_an_outage(records: Records) -> None:
    job_id = records.submit()
    records.take(lapsing=True)
    assert _reconcile(records, leases=False).requeued == 0
    assert records.status(job_id) is Status.RUNNING


def test_a_job_whose_worker_is_lost_every_time_ends(records: Records) -> None:
    job_id = records.submit(reply="me")
    for _ in range(ATTEMPTS - 1):
        records.take(lapsing=True)
        assert _reconcile(records).requeued == 1
    last = records.take(lapsing=True)
    assert _reconcile(records).lost == 1
    # The last worker was only slow.
    assert not records.finish(job_id, last.token, RAISED).counts
    error = ended(records, job_id).error
    assert error is not None
    assert error.type is ErrorType.SANDBOX_FAILURE
    assert records.woken("me") == [job_id]
    assert records.claim() is None
    records.check()


def test_a_job_that_waited_too_long_ends_without_any_claim(records: Records, redis: "Redis") -> None:
    job_id = Records(redis, queue_ttl=0).submit(owner="ann", reply="me")
    fresh = records.submit(owner="ann")
    assert _reconcile(records).expired == 1
    error = ended(records, job_id, owner="ann").error
    assert error is not None
    assert error.type is ErrorType.EXPIRED
    assert records.woken("me") == [job_id]
    assert records.status(fresh, "ann") is Status.QUEUED
    records.check()


def test_a_cap_that_was_raised_holds_nobody_back(redis: "Redis") -> None:
    before, after = Records(redis, running_max=1), Records(redis, running_max=2)
    for _ in range(3):
        before.submit(owner="ann")
    before.take()
    assert before.claim() is None
    assert before.reconcile() is not None
    assert before.claim() is None
    _reconcile(after)
    after.take()
    assert after.claim() is None
    after.check()


def test_an_expired_record_leaves_its_owner_s_list(records: Records, redis: "Redis") -> None:
    job_id = records.submit(owner="ann with a space")
    records.finish(job_id, records.take().token, DONE)
    assert redis.zscore(keys.KEPT, f"{job_id} ann with a space") is not None
    redis.delete(keys.job(job_id))
    redis.zadd(keys.KEPT, {f"{job_id} ann with a space": 0})
    _reconcile(records)
    # Nothing is left of it but how often what has happened, and when it came.
    assert sorted(redis.keys("*")) == [keys.COUNTERS, keys.SEQUENCE]


def test_one_worker_at_a_time_reconciles(redis: "Redis") -> None:
    one, other = (Reconcile(redis, ttl=TTL, hint="", every=0.2) for _ in range(2))
    assert one() is not None
    assert other() is None
    eventually(lambda: other() is not None, within=5, what="it is the other's turn")


def test_a_running_id_without_record_is_forgotten(records: Records, redis: "Redis") -> None:
    job_id = records.submit()
    records.take(lapsing=True)
    redis.delete(keys.job(job_id))
    _reconcile(records)
    assert redis.zcard(keys.RUNNING) == 0


def test_more_jobs_than_fit_into_one_go_are_put_right_in_several(records: Records, redis: "Redis") -> None:
    late = Records(redis, queue_ttl=0)
    for _ in range(1200):
        late.submit()
    assert _reconcile(records).expired == 1000
    assert _reconcile(records).expired == 200
