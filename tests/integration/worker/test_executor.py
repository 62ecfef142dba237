"""One process of a worker: what it does when a message comes."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from config.redis import connect
from config.settings import Settings
from records import keys
from records.record import Status
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.records import Records
from tests.support.server import RedisServer
from worker.executor import Executor
from worker.stage import Stage

MESSAGE = "look for jobs"


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def records(server: RedisServer) -> Iterator[Records]:
    with connect(server.url) as redis:
        redis.flushall()
        yield Records(redis, hint=MESSAGE)


@pytest.fixture
def executor(records: Records, stage: Stage) -> Iterator[Executor]:
    with closing(Executor(records.redis, RestrictedSandbox(), Settings(), stage, MESSAGE)) as executor:
        yield executor


def test_it_runs_whatever_waits_by_one_message(executor: Executor, records: Records) -> None:
    jobs = [records.submit() for _ in range(5)]
    records.hints()
    executor.execute()
    assert {records.status(job_id) for job_id in jobs} == {Status.SUCCEEDED}
    # For a process that was idle meanwhile; one is enough.
    assert len(records.hints()) == 1
    records.check()


def test_nothing_that_waits_is_no_error(executor: Executor, records: Records) -> None:
    executor.execute()
    assert not records.hints()


def test_a_message_that_comes_after_a_stop_is_passed_on(
    executor: Executor, records: Records, stage: Stage
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
