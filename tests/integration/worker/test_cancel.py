"""A job is cancelled while a real worker runs it or it is queued."""

import psutil

from jobs.job import Job
from jobs.limits import Limits
from jobs.status import Status
from tests.support.fleet import WorkerProcess
from tests.support.store import StoreHarness, outcome_of
from tests.support.wait import eventually

STUCK = Job(
    "import os, time\ndef main():\n    os.fork()\n    os.setsid() if os.fork() == 0 else 0\n    time.sleep(600)",
    limits=Limits(timeout=600),
)
QUICK = Job("def main():\n    return {'ok': True}")

#: Seconds within which every process of a cancelled job has ended.
GONE_WITHIN = 1.0


def test_worker_ends_every_process_of_the_job_within_a_second_when_it_is_cancelled(
    worker: WorkerProcess, harness: StoreHarness
) -> None:
    job_id = harness.submit(job=STUCK)
    busy = worker.busy()
    # At least nsjail, the zygote and four processes of the script.
    eventually(lambda: len(busy.children(recursive=True)) >= 6, within=10, what="the script has forked")
    processes = busy.children(recursive=True)
    record = harness.store.cancel(job_id)
    assert not psutil.wait_procs(processes, timeout=GONE_WITHIN)[1]
    assert record is not None
    assert record.status is Status.CANCELLED
    # The same pool process runs the next job.
    assert outcome_of(harness, harness.submit(job=QUICK)).result == {"ok": True}
    assert busy.is_running()
    assert harness.status(job_id) is Status.CANCELLED
    assert worker.pool() == [busy]


def test_worker_never_starts_a_job_when_it_is_cancelled_while_queued(
    worker: WorkerProcess, harness: StoreHarness
) -> None:
    first, second, third = (harness.submit(job=job) for job in (STUCK, STUCK, QUICK))
    worker.busy()
    harness.store.cancel(second)
    harness.store.cancel(first)
    assert outcome_of(harness, third).result == {"ok": True}
    assert harness.read(second).started_ms is None
    assert harness.store.statistics().counters["attempts"] == 2


def test_worker_finishes_the_other_jobs_when_many_are_cancelled(
    worker: WorkerProcess, harness: StoreHarness
) -> None:
    for _ in range(5):
        stuck, quick = harness.submit(job=STUCK), harness.submit(job=QUICK)
        worker.busy()
        harness.store.cancel(stuck)
        assert outcome_of(harness, quick).result == {"ok": True}
    assert harness.store.statistics().counters["attempts"] == 10
