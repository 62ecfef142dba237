import pytest
from redis import Redis

from store import keys
from tests.support.store import DONE, Records


def test_a_renewed_claim_is_not_taken_away(records: Records) -> None:
    job_id = records.submit()
    claimed = records.take(lapsing=True)
    assert records.renew(job_id, claimed.token)
    done = records.reconcile()
    assert done is not None
    assert done.requeued == 0
    assert records.finish(job_id, claimed.token, DONE).counts


@pytest.mark.parametrize("end", ["cancel", "release", "finish", "lose"])
def test_a_job_that_is_not_wanted_is_not_renewed(records: Records, redis: "Redis", end: str) -> None:
    job_id = records.submit()
    token = records.take().token
    match end:
        case "cancel":
            records.cancel(job_id)
        case "release":
            records.release(job_id, token)
        case "finish":
            records.finish(job_id, token, DONE)
        case "lose":
            redis.delete(keys.job(job_id))
            redis.zrem(keys.RUNNING, job_id)
    assert not records.renew(job_id, token)
    assert redis.zscore(keys.RUNNING, job_id) is None


def test_an_overtaken_worker_does_not_renew_the_claim_of_another(records: Records) -> None:
    job_id = records.submit()
    first = records.take(lapsing=True)
    records.reconcile()
    second = records.take()
    assert not records.renew(job_id, first.token)
    assert records.renew(job_id, second.token)
