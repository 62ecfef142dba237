from jobs.status import Status
from tests.support.store import DONE, MakeHarness, StoreHarness


def test_release_requeues_the_job_first(harness: StoreHarness) -> None:
    first, _, other = harness.submit(owner="ann"), harness.submit(owner="ann"), harness.submit(owner="bob")
    claimed = harness.take()
    assert claimed.id == first
    assert harness.store.release(first, claimed.token)
    record = harness.read(first, "ann")
    assert (record.status, record.started_ms) == (Status.QUEUED, None)
    assert harness.take().id == first
    assert harness.take().id == other
    harness.check()


def test_release_does_not_count_the_attempt(harness: StoreHarness) -> None:
    job_id = harness.submit()
    for _ in range(5):
        claimed = harness.take()
        assert claimed.attempt == 1
        harness.store.release(job_id, claimed.token)
    assert harness.store.statistics().counters["released"] == 5


def test_release_makes_the_claim_void(harness: StoreHarness) -> None:
    job_id = harness.submit()
    claimed = harness.take()
    harness.store.release(job_id, claimed.token)
    assert not harness.store.release(job_id, claimed.token)
    assert not harness.store.finish(job_id, claimed.token, DONE).counts
    again = harness.take()
    assert again.token != claimed.token
    assert not harness.store.release(job_id, claimed.token)
    assert harness.store.finish(job_id, again.token, DONE).counts
    assert not harness.store.release(job_id, again.token)


def test_release_uncaps_the_owner(make_harness: MakeHarness) -> None:
    harness = make_harness(key_running_max=1)
    first, _ = harness.submit(owner="ann"), harness.submit(owner="ann")
    claimed = harness.take()
    assert harness.store.claim() is None
    harness.store.release(first, claimed.token)
    assert harness.take().id == first
    harness.check()
