"""A job runs, or ends with an error, although its worker or its notification is lost."""

import time
from uuid import uuid4

import psutil

from config.names import ID_PLACEHOLDER
from config.notification import notification
from config.settings import Settings
from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType
from jobs.system_outcomes import ATTEMPTS
from store import keys
from tests.support.fleet import worker_process
from tests.support.server import RedisServer
from tests.support.store import StoreHarness, outcome_of
from tests.support.wait import eventually

#: Runs long enough for a test to find it running.
SLOW = Job(
    "import time\ndef main():\n    time.sleep(1.5)\n    return {'ok': True}", limits=Limits(timeout=20)
)

#: The same, with more processes than all the idle jails of a worker.
FORKS = 12
MANY = Job(
    f"import os, time\ndef main():\n    for _ in range({FORKS}):\n        if os.fork() == 0: time.sleep(60)\n"
    "    time.sleep(1.5)\n    return {'ok': True}",
    limits=Limits(timeout=20),
)

#: Sleeps longer than any test.
STUCK = Job("import time\ndef main():\n    time.sleep(600)", limits=Limits(timeout=600))

#: Seconds within which a job whose worker was killed runs again.
AGAIN_WITHIN = 5.0


def _attempts(harness: StoreHarness, job_id: str) -> int:
    return int(harness.redis.hget(keys.job(job_id), "attempts") or 0)


def _wait_for_attempt(harness: StoreHarness, job_id: str, number: int, *, within: float) -> None:
    eventually(lambda: _attempts(harness, job_id) == number, within=within, what=f"attempt {number} starts")


def _wait_for_second_attempt(harness: StoreHarness, job_id: str, killed_at: float) -> None:
    _wait_for_attempt(harness, job_id, 2, within=AGAIN_WITHIN)
    assert time.monotonic() - killed_at < AGAIN_WITHIN


def test_job_runs_again_when_its_pool_process_is_killed(server: RedisServer, harness: StoreHarness) -> None:
    with worker_process(server.url) as worker:
        job_id = harness.submit(job=SLOW)
        busy = worker.busy()
        jail = busy.children(recursive=True)
        killed_at = time.monotonic()
        busy.kill()
        _wait_for_second_attempt(harness, job_id, killed_at)
        assert outcome_of(harness, job_id).result == {"ok": True}
        assert not psutil.wait_procs(jail, timeout=1)[1]
    assert _attempts(harness, job_id) == 2
    assert harness.store.statistics().counters["finished:succeeded"] == 1
    harness.check()


def test_job_runs_again_on_another_worker_when_its_worker_is_killed(
    server: RedisServer, harness: StoreHarness
) -> None:
    with worker_process(server.url) as one, worker_process(server.url) as other:
        # Both workers have idle jails. Only this script has FORKS processes more.
        idle = {worker.process.pid: len(worker.jails()) for worker in (one, other)}
        job_id = harness.submit(job=MANY)
        busy = eventually(
            lambda: next((w for w in (one, other) if len(w.jails()) - idle[w.process.pid] >= FORKS), None),
            within=20,
            what="the job runs",
        )
        assert busy is not None
        everything = psutil.Process(busy.process.pid).children(recursive=True)
        killed_at = time.monotonic()
        busy.process.kill()
        _wait_for_second_attempt(harness, job_id, killed_at)
        assert not psutil.wait_procs(everything, timeout=1)[1]
        assert outcome_of(harness, job_id).result == {"ok": True}
    assert _attempts(harness, job_id) == 2
    assert harness.store.statistics().counters["finished:succeeded"] == 1
    harness.check()


def test_job_fails_when_its_pool_process_is_killed_in_every_attempt(
    server: RedisServer, harness: StoreHarness
) -> None:
    with worker_process(server.url) as worker:
        job_id = harness.submit(job=STUCK)
        for attempt in range(1, ATTEMPTS + 1):
            _wait_for_attempt(harness, job_id, attempt, within=10)
            worker.busy().kill()
        outcome = outcome_of(harness, job_id)
        assert outcome.error is not None
        assert outcome.error.type is ErrorType.SANDBOX_FAILURE
        assert "3 times" in outcome.error.message
        assert _attempts(harness, job_id) == ATTEMPTS
        assert outcome_of(harness, harness.submit(job=SLOW)).result == {"ok": True}
    harness.check()


def test_job_runs_when_it_has_no_notification(server: RedisServer, harness: StoreHarness) -> None:
    with worker_process(server.url):
        # This store leaves no notifications.
        jobs = [harness.submit(job=SLOW) for _ in range(3)]
        assert [outcome_of(harness, job_id).result for job_id in jobs] == [{"ok": True}] * 3
    harness.check()


def test_job_runs_once_when_it_has_many_notifications(server: RedisServer, harness: StoreHarness) -> None:
    job_id = harness.submit(job=SLOW)
    message = notification(Settings())
    harness.redis.lpush(
        keys.NOTIFICATIONS, *(message.replace(ID_PLACEHOLDER, uuid4().hex) for _ in range(20))
    )
    with worker_process(server.url, WORKERS="2"):
        assert outcome_of(harness, job_id).result == {"ok": True}
        eventually(
            lambda: not harness.redis.llen(keys.NOTIFICATIONS), within=10, what="every notification is read"
        )
    assert _attempts(harness, job_id) == 1
    assert harness.store.statistics().counters["attempts"] == 1


def test_job_ends_as_expired_when_it_was_queued_too_long(server: RedisServer, harness: StoreHarness) -> None:
    job_id = StoreHarness(server.url, queue_ttl=0).submit(job=SLOW)
    with worker_process(server.url):
        outcome = outcome_of(harness, job_id)
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.EXPIRED
