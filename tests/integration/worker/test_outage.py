"""Redis goes away, forgets its clients, is slow or full while a real worker runs a job."""

import pytest

from jobs.job import Job
from jobs.limits import Limits
from jobs.outcome import ErrorType
from jobs.status import Status
from tests.support.fleet import WorkerProcess
from tests.support.server import RedisServer
from tests.support.store import Records, ended
from tests.support.wait import eventually

SLOW = Job("import time\ndef main():\n    time.sleep(2)\n    return {'ok': True}", limits=Limits(timeout=20))
QUICK = Job("def main():\n    return {'ok': True}")


@pytest.fixture
def running(worker: WorkerProcess, records: Records) -> str:
    """Return a job whose script runs."""
    job_id = records.submit(job=SLOW)
    worker.busy()
    return job_id


def _goes_on(worker: WorkerProcess, records: Records) -> None:
    assert ended(records, records.submit(job=QUICK)).result == {"ok": True}
    assert worker.process.poll() is None
    records.check()


def test_a_redis_that_comes_back_gets_the_outcome(
    worker: WorkerProcess, records: Records, running: str, server: RedisServer
) -> None:
    job = worker.jails()
    server.kill()
    eventually(lambda: worker.vanished(job), within=10, what="the script ends meanwhile")
    server.start()
    assert ended(records, running).result == {"ok": True}
    assert records.statistics().counters["attempts"] == 1
    _goes_on(worker, records)


def test_a_redis_that_comes_back_empty_is_worked_for(
    worker: WorkerProcess, records: Records, running: str, server: RedisServer
) -> None:
    server.kill()
    server.forget()
    server.start()
    _goes_on(worker, records)
    assert records.watch(running) is None


def test_connections_that_are_cut_are_made_again(
    worker: WorkerProcess, records: Records, running: str
) -> None:
    records.redis.client_kill_filter(skipme=True)
    assert ended(records, running).result == {"ok": True}
    assert records.statistics().counters["attempts"] == 1
    _goes_on(worker, records)


def test_a_redis_that_answers_late_is_waited_for(
    worker: WorkerProcess, records: Records, running: str
) -> None:
    records.redis.client_pause(2000)
    assert ended(records, running).result == {"ok": True}
    assert records.statistics().counters["attempts"] == 1
    _goes_on(worker, records)


def test_a_redis_that_has_room_again_gets_the_outcome(
    worker: WorkerProcess, records: Records, running: str
) -> None:
    job = worker.jails()
    records.redis.config_set("maxmemory", 1)
    eventually(lambda: worker.vanished(job), within=10, what="the script has ended")
    assert records.status(running) is Status.RUNNING
    records.redis.config_set("maxmemory", 0)
    assert ended(records, running).result == {"ok": True}
    _goes_on(worker, records)


def test_a_redis_that_stays_full_gets_a_small_outcome(
    worker: WorkerProcess, records: Records, running: str
) -> None:
    records.redis.config_set("maxmemory", 1)
    outcome = ended(records, running)
    assert outcome.error is not None
    assert outcome.error.type is ErrorType.SANDBOX_FAILURE
    assert "room" in outcome.error.message
    records.redis.config_set("maxmemory", 0)
    _goes_on(worker, records)
