from redis import Redis

from jobs.status import Status
from tests.support.store import DONE, Records


def test_a_released_job_is_the_next_to_run(records: Records) -> None:
    first, _, other = records.submit(owner="ann"), records.submit(owner="ann"), records.submit(owner="bob")
    claimed = records.take()
    assert claimed.id == first
    assert records.release(first, claimed.token)
    record = records.read(first, "ann")
    assert (record.status, record.started_ms) == (Status.QUEUED, None)
    assert records.take().id == first
    assert records.take().id == other
    records.check()


def test_a_released_attempt_does_not_count(records: Records) -> None:
    job_id = records.submit()
    for _ in range(5):
        claimed = records.take()
        assert claimed.attempt == 1
        records.release(job_id, claimed.token)
    assert records.statistics().counters["released"] == 5


def test_a_claim_that_was_released_is_void(records: Records) -> None:
    job_id = records.submit()
    claimed = records.take()
    records.release(job_id, claimed.token)
    assert not records.release(job_id, claimed.token)
    assert not records.finish(job_id, claimed.token, DONE).counts
    again = records.take()
    assert again.token != claimed.token
    assert not records.release(job_id, claimed.token)
    assert records.finish(job_id, again.token, DONE).counts
    assert not records.release(job_id, again.token)


def test_a_release_lets_a_capped_owner_go_on(redis: "Redis") -> None:
    records = Records(redis, running_max=1)
    first, _ = records.submit(owner="ann"), records.submit(owner="ann")
    claimed = records.take()
    assert records.claim() is None
    records.release(first, claimed.token)
    assert records.take().id == first
    records.check()
