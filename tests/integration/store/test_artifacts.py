"""Artifacts of jobs in Redis: from the worker to the client, and their end."""

from dataclasses import replace

import pytest
from redis import Redis

from jobs.files import Artifact, File
from jobs.outcome import Outcome
from store import keys
from store.errors import StorageFull
from tests.support.store import DONE, JOB, RAISED, TTL, MakeHarness, StoreHarness, artifact
from tests.support.stored_outcome import decoded

SMALL, LARGE = artifact("out/ü \U0001f600", b"\xff\0"), artifact("large", bytes(100_000))
DROPPED = Artifact("too-large", 9_000_000, None)
WITH_ARTIFACTS = replace(DONE, artifacts=(LARGE, SMALL, DROPPED), artifacts_truncated=True)


def _finish(harness: StoreHarness, outcome: Outcome = WITH_ARTIFACTS, owner: str = "") -> str:
    job_id = harness.submit(owner=owner)
    assert harness.store.finish(job_id, harness.take().token, outcome).counts
    return job_id


@pytest.mark.parametrize("outcome", [WITH_ARTIFACTS, replace(RAISED, artifacts=(SMALL,))])
def test_artifacts_are_read_when_a_job_is_final(harness: StoreHarness, outcome: Outcome) -> None:
    job_id = _finish(harness, outcome)
    listed = tuple(replace(one, content=None) for one in outcome.artifacts)
    assert decoded(harness.read(job_id).outcome) == replace(outcome, artifacts=listed)
    for one in outcome.artifacts:
        assert harness.store.artifact(job_id, one.path) == (None if one.dropped else one)
    harness.check()


@pytest.mark.parametrize("path", ["unknown", "/large", "out", "out/", "/out", "LARGE", "", "too-large"])
def test_artifact_is_none_when_the_path_names_none(harness: StoreHarness, path: str) -> None:
    assert harness.store.artifact(_finish(harness), path) is None


def test_artifact_is_none_when_the_job_is_of_another_owner_or_unknown(harness: StoreHarness) -> None:
    job_id = _finish(harness, owner="ann")
    assert harness.store.artifact(job_id, "large", owner="ann") == LARGE
    for owner in ("", "bob"):
        assert harness.store.artifact(job_id, "large", owner=owner) is None
    assert harness.store.artifact("unknown", "large") is None


def test_artifacts_expire_with_the_record(harness: StoreHarness, redis: "Redis") -> None:
    job_id = _finish(harness)
    expires = redis.pexpiretime(keys.artifacts(job_id))
    assert expires == redis.pexpiretime(keys.job(job_id))
    assert 0 < redis.ttl(keys.artifacts(job_id)) <= TTL


def test_bytes_of_artifacts_are_kept_until_the_record_expires(make_harness: MakeHarness) -> None:
    harness = make_harness(key_bytes_max=150_000)
    job_id = _finish(harness, owner="ann")
    assert harness.bytes_of("ann")[1] > 100_000
    with pytest.raises(StorageFull):
        harness.submit(owner="ann", job=replace(JOB, stdin="x" * 60_000))
    harness.expire(job_id)
    harness.store.reconcile()
    assert harness.bytes_of("ann") == (0, 0)
    assert harness.store.artifact(job_id, "large", owner="ann") is None
    harness.check()


def test_artifacts_are_not_stored_when_the_claim_is_void(harness: StoreHarness) -> None:
    job_id = harness.submit()
    token = harness.take().token
    harness.store.cancel(job_id)
    assert not harness.store.finish(job_id, token, WITH_ARTIFACTS).counts
    assert not harness.redis.exists(keys.artifacts(job_id))
    harness.check()


def test_artifacts_are_stored_once_when_the_worker_repeats_its_call(harness: StoreHarness) -> None:
    job_id = harness.submit(owner="ann")
    token = harness.take().token
    for _ in range(2):
        assert harness.store.finish(job_id, token, WITH_ARTIFACTS).counts
    assert harness.store.statistics().counters["artifacts"] == 2
    harness.check()


def test_statistics_count_files_and_artifacts(harness: StoreHarness) -> None:
    harness.submit(job=replace(JOB, files=(File("a", b"12"), File("b", b"345"))))
    harness.store.finish(harness.take().id, 1, WITH_ARTIFACTS)
    assert {
        name: number
        for name, number in harness.store.statistics().counters.items()
        if name.startswith(("file", "artifact"))
    } == {"files": 2, "file_bytes": 5, "artifacts": 2, "artifact_bytes": 100_002}


def test_deleted_artifacts_count_no_more(make_harness: MakeHarness) -> None:
    harness = make_harness(key_bytes_max=150_000)
    job_id = _finish(harness, owner="ann")
    other = harness.submit(owner="bob")
    with pytest.raises(StorageFull):
        harness.submit(owner="ann", job=replace(JOB, stdin="x" * 50_000))
    assert not harness.store.delete_artifacts(job_id, owner="bob")
    assert harness.store.artifact(job_id, "large", owner="ann") == LARGE
    for _ in range(2):
        assert harness.store.delete_artifacts(job_id, owner="ann")
    assert harness.store.artifact(job_id, "large", owner="ann") is None
    assert harness.bytes_of("ann")[1] < 10_000
    assert harness.submit(owner="ann", job=replace(JOB, stdin="x" * 50_000))
    assert harness.store.delete_artifacts(other, owner="bob")
    harness.check()


def test_bytes_of_a_job_are_released_once_when_its_artifacts_were_deleted(harness: StoreHarness) -> None:
    job_id = _finish(harness, owner="ann")
    harness.store.delete_artifacts(job_id, owner="ann")
    harness.expire(job_id)
    harness.store.reconcile()
    assert harness.bytes_of("ann") == (0, 0)
