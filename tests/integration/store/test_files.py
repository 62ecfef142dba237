"""Files of jobs in Redis: from the submission to the worker, and their end."""

from dataclasses import replace

import pytest
from redis import Redis
from redis.exceptions import OutOfMemoryError

from jobs.files import File
from jobs.job import Job
from jobs.limits import FILES
from store import keys
from store.config import StoreConfig
from store.errors import IdempotencyConflict, StorageFull
from store.queue_class import QueueClass
from store.submission import Submission
from tests.support.store import DONE, JOB, MakeHarness, StoreHarness

FILES_OF_JOB = (File("a", b"\xff\x00\n"), File("b/\U0001f600 ü", b""), File("c", b"x" * 100_000))
WITH_FILES = replace(JOB, files=FILES_OF_JOB)


def _submission(job_id: str, job: Job = WITH_FILES) -> Submission:
    return Submission(job_id, job, QueueClass())


def test_files_are_those_of_the_submission_when_the_job_is_claimed(harness: StoreHarness) -> None:
    harness.submit(job=WITH_FILES)
    harness.check()
    claimed = harness.take()
    assert (claimed.job, claimed.files) == (JOB, len(FILES_OF_JOB))
    assert harness.store.files(claimed.id, claimed.token) == FILES_OF_JOB
    harness.check()


def test_each_job_of_a_batch_has_its_own_files(harness: StoreHarness) -> None:
    jobs = [WITH_FILES, JOB, replace(JOB, files=(File("a", b"other"),))]
    harness.store.submit([_submission(str(n), job) for n, job in enumerate(jobs)], owner="ann")
    harness.check()
    for job in jobs:
        claimed = harness.take()
        assert claimed.files == len(job.files)
        assert harness.store.files(claimed.id, claimed.token) == job.files


def test_files_are_none_when_the_claim_is_void(harness: StoreHarness) -> None:
    job_id = harness.submit(job=WITH_FILES)
    first = harness.take(lapsing=True)
    harness.store.reconcile()
    assert harness.store.files(job_id, first.token) is None
    second = harness.take()
    assert harness.store.files(job_id, first.token) is None
    assert harness.store.files(job_id, second.token) == FILES_OF_JOB
    harness.store.cancel(job_id)
    assert harness.store.files(job_id, second.token) is None


@pytest.mark.parametrize("ending", ["finish", "cancel queued", "cancel running", "lost", "expired"])
def test_files_and_their_bytes_are_gone_when_the_job_is_final(make_harness: MakeHarness, ending: str) -> None:
    harness = make_harness(attempts=1, queue_ttl=0 if ending == "expired" else 60)
    job_id = harness.submit(owner="ann", job=WITH_FILES)
    assert harness.bytes_of("ann")[0] > 100_000
    if ending == "finish":
        harness.store.finish(job_id, harness.take().token, DONE)
    elif ending == "cancel running":
        harness.take()
    elif ending == "lost":
        harness.take(lapsing=True)
    if ending.startswith("cancel"):
        harness.store.cancel(job_id, owner="ann")
    harness.store.reconcile()
    assert harness.status(job_id, "ann").final
    assert not harness.redis.exists(keys.files(job_id))
    active, kept = harness.bytes_of("ann")
    assert active == 0
    assert kept < 3000
    harness.check()


def test_files_expire_when_the_job_never_ends(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit(job=WITH_FILES)
    longest = StoreConfig().queue_ttl + 24 * 3600
    assert longest - 60 < redis.ttl(keys.files(job_id)) <= longest


def test_submit_refuses_an_owner_when_its_files_fill_its_bytes(make_harness: MakeHarness) -> None:
    harness = make_harness(key_bytes_max=150_000)
    harness.submit(owner="ann", job=WITH_FILES)
    with pytest.raises(StorageFull):
        harness.store.submit([_submission("x", JOB), _submission("y")], owner="ann")
    assert harness.queued() == 1
    harness.check()


def test_submit_stores_no_file_when_redis_is_full(harness: StoreHarness, redis: "Redis") -> None:
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            harness.submit(job=WITH_FILES)
    finally:
        redis.config_set("maxmemory", 0)
    assert not redis.keys(f"{keys.FILES}*")
    harness.check()


def test_idempotency_key_tells_files_apart_by_their_contents(harness: StoreHarness) -> None:
    def submit(job_id: str, content: bytes) -> str:
        job = replace(JOB, files=(File("a", content),))
        return harness.store.submit([_submission(job_id, job)], idempotency_key="k")[0].id

    assert submit("first", b"1") == submit("second", b"1") == "first"
    assert not harness.redis.exists(f"{keys.FILES}second")
    with pytest.raises(IdempotencyConflict):
        submit("third", b"2")
    harness.check()


@pytest.mark.parametrize(("size", "path"), [(0, "{}"), (1000, "{}"), (0, "p" * 900 + "/{}"), (100_000, "{}")])
def test_bytes_of_files_are_about_what_redis_takes(
    harness: StoreHarness, redis: "Redis", size: int, path: str
) -> None:
    job = replace(JOB, files=tuple(File(path.format(n), b"x" * size) for n in range(FILES)))
    for _ in range(20):
        harness.submit(owner="ann", job=job)
    taken = sum(redis.memory_usage(str(key), samples=0) or 0 for key in redis.scan_iter(count=1000))
    assert 0.5 < taken / harness.bytes_of("ann")[0] < 1.1
