"""One process of a worker: what it does when a message comes."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from config.redis import connect
from config.settings import Settings
from jobs.status import Status
from sandbox.restricted.sandbox import RestrictedSandbox
from store import keys
from store.linger import call_off
from tests.support.server import RedisServer
from tests.support.store import Records, ended, waits
from tests.support.wait import eventually
from worker.executor import Executor
from worker.shutdown_state import ShutdownState

MESSAGE = "look for jobs"
WORKER = "the one"


@pytest.fixture
def stage() -> ShutdownState:
    return ShutdownState()


@pytest.fixture
def records(server: RedisServer) -> Iterator[Records]:
    with connect(server.url) as redis:
        redis.flushall()
        yield Records(redis, hint=MESSAGE)


@pytest.fixture
def executor(server: RedisServer, records: Records, stage: ShutdownState) -> Iterator[Executor]:
    sandbox, settings = RestrictedSandbox(), Settings(redis_url=server.url)
    with closing(Executor(settings, worker=WORKER, sandbox=sandbox, stage=stage, hint=MESSAGE)) as executor:
        yield executor


@pytest.fixture
def called_off(records: Records) -> None:
    """Call the wait for more off before it begins."""
    call_off(records.redis, WORKER, 1)


@pytest.fixture
def lingering(executor: Executor, records: Records) -> Iterator[threading.Thread]:
    """Return a thread in which the executor waits for more, as it does when it has run a job."""
    thread = threading.Thread(target=executor.execute)
    thread.start()
    eventually(lambda: waits(records.redis), within=10, what="it waits")
    yield thread
    call_off(records.redis, WORKER, 1)
    thread.join()


@pytest.mark.usefixtures("called_off")
def test_it_runs_whatever_waits_by_one_message(executor: Executor, records: Records) -> None:
    jobs = [records.submit() for _ in range(5)]
    records.hints()
    executor.execute()
    assert {records.status(job_id) for job_id in jobs} == {Status.SUCCEEDED}
    # For a process that was idle meanwhile; one is enough.
    assert len(records.hints()) == 1
    records.check()


@pytest.mark.usefixtures("called_off")
def test_nothing_that_waits_is_no_error(executor: Executor, records: Records) -> None:
    executor.execute()
    assert not records.hints()


def test_a_message_that_comes_after_a_stop_is_passed_on(
    executor: Executor, records: Records, stage: ShutdownState
) -> None:
    job_id = records.submit()
    records.hints()
    stage.finish()
    executor.execute()
    assert records.status(job_id) is Status.QUEUED
    assert len(records.hints()) == 1


def test_a_list_of_messages_that_is_none_stops_nothing(executor: Executor, records: Records) -> None:
    job_id = records.submit()
    records.hints()
    records.redis.set(keys.HINTS, "")
    executor.execute()
    assert records.status(job_id) is Status.SUCCEEDED


def test_it_waits_for_more_without_celery(lingering: threading.Thread, records: Records) -> None:
    for _ in range(3):
        assert ended(records, records.submit()).error is None
        eventually(lambda: waits(records.redis), within=10, what="it waits again")
    assert not records.hints()
    assert lingering.is_alive()


def test_a_wait_that_is_called_off_ends(
    lingering: threading.Thread, records: Records, stage: ShutdownState
) -> None:
    stage.finish()
    call_off(records.redis, WORKER, 1)
    lingering.join(5)
    assert not lingering.is_alive()
    assert not records.redis.exists(keys.off(WORKER))


def test_a_job_that_a_wait_claims_after_a_stop_is_handed_back(
    lingering: threading.Thread, records: Records, stage: ShutdownState
) -> None:
    stage.finish()
    job_id = records.submit()
    lingering.join()
    assert records.status(job_id) is Status.QUEUED
    assert len(records.hints()) == 1
    assert records.take().attempt == 1
    records.check()


def test_a_wait_that_loses_its_connection_ends(lingering: threading.Thread, records: Records) -> None:
    records.redis.client_kill_filter(skipme=True)
    lingering.join()
    # Whatever comes now, Celery hears of it.
    records.submit()
    assert len(records.hints()) == 1
