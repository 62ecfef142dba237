"""The executor of a pool process: how it handles a notification and waits for the next job."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from jobs.files import File
from jobs.job import Job
from jobs.limits import MB
from jobs.outcome import ErrorType, Outcome
from jobs.status import Status
from sandbox.protocol import OnOutput
from sandbox.restricted.sandbox import RestrictedSandbox
from store import keys
from tests.support.server import RedisServer
from tests.support.store import DONE, JOB, StoreHarness, artifact, has_waiting_client, outcome_of
from tests.support.stub_sandbox import StubSandbox
from tests.support.wait import eventually
from worker import executor as executor_module
from worker.executor import WAIT, Executor
from worker.shutdown_state import ShutdownState

MESSAGE = "a notification"
WORKER = "worker-1"
FILES = (File("a", b"\xff\0"), File("b/c", b""))


@pytest.fixture
def shutdown() -> ShutdownState:
    return ShutdownState()


@pytest.fixture
def harness(server: RedisServer) -> Iterator[StoreHarness]:
    with closing(StoreHarness(server.url, notification=MESSAGE, block=WAIT)) as harness:
        harness.redis.flushall()
        yield harness


@pytest.fixture
def executor(harness: StoreHarness, shutdown: ShutdownState) -> Iterator[Executor]:
    sandbox = RestrictedSandbox()
    with closing(Executor(harness.store, worker_id=WORKER, sandbox=sandbox, shutdown=shutdown)) as executor:
        yield executor


@pytest.fixture
def interrupted(harness: StoreHarness) -> None:
    """End the wait for the next job before it begins."""
    harness.store.interrupt_waits(WORKER, 1)


@pytest.fixture
def waiting(executor: Executor, harness: StoreHarness) -> Iterator[threading.Thread]:
    """Return a thread in which the executor waits for a job."""
    thread = threading.Thread(target=executor.execute)
    thread.start()
    eventually(lambda: has_waiting_client(harness.redis), within=10, what="the executor waits")
    yield thread
    harness.store.interrupt_waits(WORKER, 1)
    thread.join()


@pytest.mark.usefixtures("interrupted")
def test_executor_runs_all_queued_jobs_when_one_notification_comes(
    executor: Executor, harness: StoreHarness
) -> None:
    jobs = [harness.submit() for _ in range(5)]
    harness.take_notifications()
    executor.execute()
    assert {harness.status(job_id) for job_id in jobs} == {Status.SUCCEEDED}
    # A notification wakes a process that was idle. One is enough.
    assert len(harness.take_notifications()) == 1
    harness.check()


@pytest.mark.usefixtures("interrupted")
def test_outcome_is_kept_without_its_artifacts_when_redis_has_no_room_for_them(
    harness: StoreHarness, shutdown: ShutdownState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "_FULL_WITHIN", 0.0)
    outcome = Outcome(result={}, stdout="x" * 200_000, artifacts=(artifact("a", bytes(6 * MB)),))
    sandbox = StubSandbox(outcome)
    job = harness.submit()
    with closing(Executor(harness.store, worker_id=WORKER, sandbox=sandbox, shutdown=shutdown)) as executor:
        harness.redis.config_set("maxmemory", harness.redis.info("memory")["used_memory"] + 3 * MB)
        try:
            executor.execute()
        finally:
            harness.redis.config_set("maxmemory", 0)
    kept = outcome_of(harness, job)
    assert (kept.error, len(kept.stdout)) == (None, 200_000)
    assert [one.dropped for one in kept.artifacts] == [True]
    harness.check()


class _Cleaning(StubSandbox):
    """Cleans up after each job, and notes the status of another job meanwhile."""

    is_cleaning_up = True

    def __init__(self, status: Callable[[], Status]) -> None:
        super().__init__()
        self._status = status
        self.seen: list[Status] = []

    def prepare(self) -> None:
        self.seen.append(self._status())


@pytest.mark.usefixtures("interrupted")
def test_executor_leaves_the_next_job_to_others_while_its_sandbox_cleans_up(
    harness: StoreHarness, shutdown: ShutdownState
) -> None:
    _, other = harness.submit(), harness.submit()
    harness.take_notifications()
    sandbox = _Cleaning(lambda: harness.status(other))
    with closing(Executor(harness.store, worker_id=WORKER, sandbox=sandbox, shutdown=shutdown)) as executor:
        executor.execute()
    assert sandbox.seen[0] is Status.QUEUED
    harness.check()


class _Reading(StubSandbox):
    """Notes the files of its jobs, and answers with an artifact."""

    def __init__(self, answer: Outcome) -> None:
        super().__init__(answer)
        self.seen: list[tuple[File, ...]] = []

    def run(self, job: Job, on_output: OnOutput | None = None) -> Outcome:
        self.seen.append(job.files)
        return super().run(job, on_output)


@pytest.fixture
def reading() -> _Reading:
    return _Reading(replace(DONE, artifacts=(artifact("out", b"\xff\0"),)))


@pytest.fixture
def reading_executor(harness: StoreHarness, shutdown: ShutdownState, reading: _Reading) -> Iterator[Executor]:
    with closing(Executor(harness.store, worker_id=WORKER, sandbox=reading, shutdown=shutdown)) as executor:
        yield executor


@pytest.mark.usefixtures("interrupted")
def test_executor_gives_the_files_to_the_sandbox_and_stores_the_artifacts(
    harness: StoreHarness, reading: _Reading, reading_executor: Executor
) -> None:
    plain, job_id = harness.submit(), harness.submit(job=replace(JOB, files=FILES))
    reading_executor.execute()
    assert reading.seen == [(), FILES]
    for one in (plain, job_id):
        found = harness.store.artifact(one, "out")
        assert found is not None
        assert found.content == b"\xff\0"
    harness.check()


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize("lost", ["all", "one"])
def test_executor_ends_a_job_without_running_it_when_its_files_are_lost(
    harness: StoreHarness, reading: _Reading, reading_executor: Executor, lost: str
) -> None:
    job_id = harness.submit(job=replace(JOB, files=FILES))
    if lost == "all":
        harness.redis.delete(keys.files(job_id))
    else:
        harness.redis.hdel(keys.files(job_id), "a")
    reading_executor.execute()
    error = outcome_of(harness, job_id).error
    assert error is not None
    assert (error.type, error.message) == (
        ErrorType.SANDBOX_FAILURE,
        "the files of this job were lost before it ran",
    )
    assert not reading.seen


@pytest.mark.usefixtures("interrupted")
def test_executor_does_nothing_when_no_job_is_queued(executor: Executor, harness: StoreHarness) -> None:
    executor.execute()
    assert not harness.take_notifications()


def test_executor_passes_the_notification_on_when_the_shutdown_has_begun(
    executor: Executor, harness: StoreHarness, shutdown: ShutdownState
) -> None:
    job_id = harness.submit()
    harness.take_notifications()
    shutdown.finish()
    executor.execute()
    assert harness.status(job_id) is Status.QUEUED
    assert len(harness.take_notifications()) == 1


def test_executor_runs_a_job_when_the_notification_list_is_no_list(
    executor: Executor, harness: StoreHarness
) -> None:
    job_id = harness.submit()
    harness.take_notifications()
    harness.redis.set(keys.NOTIFICATIONS, "")
    executor.execute()
    assert harness.status(job_id) is Status.SUCCEEDED


def test_executor_waits_for_the_next_job_when_none_is_queued(
    waiting: threading.Thread, harness: StoreHarness
) -> None:
    for _ in range(3):
        assert outcome_of(harness, harness.submit()).error is None
        eventually(lambda: has_waiting_client(harness.redis), within=10, what="the executor waits again")
    assert not harness.take_notifications()
    assert waiting.is_alive()


def test_executor_ends_its_wait_when_it_is_interrupted(
    waiting: threading.Thread, harness: StoreHarness, shutdown: ShutdownState
) -> None:
    shutdown.finish()
    harness.store.interrupt_waits(WORKER, 1)
    waiting.join(5)
    assert not waiting.is_alive()
    assert not harness.redis.exists(keys.interrupts(WORKER))


def test_executor_hands_a_job_back_when_it_claims_it_after_the_shutdown_has_begun(
    waiting: threading.Thread, harness: StoreHarness, shutdown: ShutdownState
) -> None:
    shutdown.finish()
    job_id = harness.submit()
    waiting.join()
    assert harness.status(job_id) is Status.QUEUED
    assert len(harness.take_notifications()) == 1
    assert harness.take().attempt == 1
    harness.check()


def test_executor_ends_its_wait_when_the_connection_is_cut(
    waiting: threading.Thread, harness: StoreHarness
) -> None:
    harness.redis.client_kill_filter(skipme=True)
    waiting.join()
    # The executor has stopped waiting, so the next job leaves a notification for Celery.
    harness.submit()
    assert len(harness.take_notifications()) == 1
