"""A worker finishes its jobs or hands them back when it shuts down."""

import signal

import psutil
import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.mode import Mode
from jobs.status import Status
from store.progress import Position
from tests.support.fleet import worker_process
from tests.support.following_client import FollowingClient
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, outcome_of
from tests.support.stored_outcome import decoded
from tests.support.wait import eventually

SLOW = Job("import time\ndef main():\n    time.sleep(2)\n    return {'ok': True}", limits=Limits(timeout=20))
STUCK = Job("import time\ndef main():\n    time.sleep(600)", limits=Limits(timeout=600))

#: Seconds within which a worker ends. Celery needs several even if it is idle.
CELERY = 15.0


def test_worker_finishes_its_job_when_it_ends_within_the_grace(
    server: RedisServer, harness: StoreHarness
) -> None:
    with worker_process(server.url) as worker:
        job_id, next_id = harness.submit(job=SLOW), harness.submit(job=SLOW)
        worker.busy()
        worker.stop()
        assert worker.ended(CELERY) == 0
    assert decoded(harness.read(job_id).outcome).result == {"ok": True}
    assert harness.status(job_id) is Status.SUCCEEDED
    # The worker claimed no job after the signal.
    assert harness.status(next_id) is Status.QUEUED
    harness.check()


def test_streamed_output_is_void_when_a_worker_hands_its_job_back(
    server: RedisServer, harness: StoreHarness
) -> None:
    script = "import time\nprint('text', flush=True)\ntime.sleep(600)"
    job = Job(script, mode=Mode.PROGRAM, limits=Limits(timeout=600), stream=True)
    client = FollowingClient(harness.submit(job=job))
    with worker_process(server.url, SHUTDOWN_GRACE="0") as worker:
        client.until(harness.store, "text\n")
        run = client.run
        worker.stop()
        assert worker.ended(CELERY) == 0
    assert client.read(harness.store).status is Status.QUEUED
    assert client.run > run
    assert client.position == Position(client.run)
    harness.check()


@pytest.mark.parametrize(
    ("grace", "again"), [("0.5", None), ("0", None), ("600", signal.SIGTERM), ("600", signal.SIGINT)]
)
def test_worker_hands_its_job_back_when_it_does_not_end(
    server: RedisServer, harness: StoreHarness, grace: str, again: signal.Signals | None
) -> None:
    with worker_process(server.url, SHUTDOWN_GRACE=grace) as worker:
        job_id = harness.submit(job=STUCK)
        worker.busy()
        processes = [psutil.Process(worker.process.pid), *worker.pool(), *worker.jails()]
        worker.stop()
        if again:
            # The kernel merges a signal with the same pending one, so the second is sent after the first has acted.
            eventually(lambda: not harness.store.workers(), within=10, what="the worker is unregistered")
            worker.process.send_signal(again)
        assert worker.ended(CELERY) == 0
        assert not psutil.wait_procs(processes, timeout=1)[1]
    assert harness.status(job_id) is Status.QUEUED
    harness.check()
    claimed = harness.take()
    assert (claimed.id, claimed.attempt) == (job_id, 1)


def test_jobs_all_finish_once_when_one_worker_replaces_another(
    server: RedisServer, harness: StoreHarness
) -> None:
    quick = Job("def main():\n    return {'ok': True}")
    with worker_process(server.url) as old:
        jobs = [harness.submit(job=quick) for _ in range(150)]
        eventually(lambda: harness.status(jobs[10]).final, within=20, what="the old worker has run some jobs")
        with worker_process(server.url):
            old.stop()
            assert old.ended(CELERY) == 0
            for job_id in jobs:
                assert outcome_of(harness, job_id, within=60).result == {"ok": True}
    counters = harness.store.statistics().counters
    assert counters["finished:succeeded"] == len(jobs)
    assert counters["attempts"] == len(jobs) + counters.get("released", 0)
    harness.check()
