import pytest
from redis import Redis

from store import keys
from tests.support.store import DONE, StoreHarness


def test_renew_keeps_the_job_from_being_requeued(harness: StoreHarness) -> None:
    job_id = harness.submit()
    claimed = harness.take(lapsing=True)
    assert harness.store.renew(job_id, claimed.token)
    done = harness.store.reconcile()
    assert done is not None
    assert done.requeued == 0
    assert harness.store.finish(job_id, claimed.token, DONE).counts


@pytest.mark.parametrize("end", ["cancel", "release", "finish", "lose"])
def test_renew_returns_false_when_the_job_is_no_longer_running(
    harness: StoreHarness, redis: "Redis", end: str
) -> None:
    job_id = harness.submit()
    token = harness.take().token
    match end:
        case "cancel":
            harness.store.cancel(job_id)
        case "release":
            harness.store.release(job_id, token)
        case "finish":
            harness.store.finish(job_id, token, DONE)
        case "lose":
            redis.delete(keys.job(job_id))
            redis.zrem(keys.RUNNING, job_id)
    assert not harness.store.renew(job_id, token)
    assert redis.zscore(keys.RUNNING, job_id) is None


def test_renew_returns_false_when_the_job_was_claimed_again(harness: StoreHarness) -> None:
    job_id = harness.submit()
    first = harness.take(lapsing=True)
    harness.store.reconcile()
    second = harness.take()
    assert not harness.store.renew(job_id, first.token)
    assert harness.store.renew(job_id, second.token)
