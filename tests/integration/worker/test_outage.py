"""Redis stops, cuts its connections, is slow or is full while a real worker runs a job."""

import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.status import Status
from tests.support.fleet import WorkerProcess
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, outcome_of
from tests.support.wait import eventually

SLOW = Job("import time\ndef main():\n    time.sleep(2)\n    return {'ok': True}", limits=Limits(timeout=20))
QUICK = Job("def main():\n    return {'ok': True}")


def _finishes_in_one_attempt(harness: StoreHarness, job_id: str) -> None:
    assert outcome_of(harness, job_id).result == {"ok": True}
    assert harness.store.statistics().counters["attempts"] == 1


@pytest.fixture
def running(worker: WorkerProcess, harness: StoreHarness) -> str:
    """Return the id of a job whose script runs."""
    job_id = harness.submit(job=SLOW)
    worker.busy()
    return job_id


def _runs_next_job(worker: WorkerProcess, harness: StoreHarness) -> None:
    assert outcome_of(harness, harness.submit(job=QUICK)).result == {"ok": True}
    assert worker.process.poll() is None
    harness.check()


def test_worker_stores_the_outcome_when_redis_comes_back(
    worker: WorkerProcess, harness: StoreHarness, running: str, server: RedisServer
) -> None:
    job = worker.jails()
    server.kill()
    eventually(lambda: worker.vanished(job), within=10, what="the script has ended")
    server.start()
    _finishes_in_one_attempt(harness, running)
    _runs_next_job(worker, harness)


def test_worker_runs_new_jobs_when_redis_comes_back_empty(
    worker: WorkerProcess, harness: StoreHarness, running: str, server: RedisServer
) -> None:
    server.kill()
    server.forget()
    server.start()
    _runs_next_job(worker, harness)
    assert harness.store.get(running) is None


def test_worker_reconnects_when_its_connections_are_cut(
    worker: WorkerProcess, harness: StoreHarness, running: str
) -> None:
    harness.redis.client_kill_filter(skipme=True)
    _finishes_in_one_attempt(harness, running)
    _runs_next_job(worker, harness)


def test_worker_waits_for_redis_when_it_answers_late(
    worker: WorkerProcess, harness: StoreHarness, running: str
) -> None:
    harness.redis.client_pause(2000)
    _finishes_in_one_attempt(harness, running)
    _runs_next_job(worker, harness)


def test_worker_stores_the_outcome_when_a_full_redis_has_room_again(
    worker: WorkerProcess, harness: StoreHarness, running: str
) -> None:
    job = worker.jails()
    harness.redis.config_set("maxmemory", 1)
    eventually(lambda: worker.vanished(job), within=10, what="the script has ended")
    assert harness.status(running) is Status.RUNNING
    harness.redis.config_set("maxmemory", 0)
    assert outcome_of(harness, running).result == {"ok": True}
    _runs_next_job(worker, harness)


def test_worker_stores_a_small_outcome_when_redis_stays_full(
    worker: WorkerProcess, harness: StoreHarness, running: str
) -> None:
    harness.redis.config_set("maxmemory", 1)
    assert outcome_of(harness, running).result == {"ok": True}
    harness.redis.config_set("maxmemory", 0)
    _runs_next_job(worker, harness)
