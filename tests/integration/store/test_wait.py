"""A request waits for its job: by a wake-up, and without one by reading the record."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jobs.outcome import Outcome
from jobs.status import Status
from store.errors import Busy, QueueFull
from store.large_reads import LargeReads
from store.queue_class import QueueClass
from store.record import Record
from store.records import Records
from store.submission import Submission
from store.turns import Turns
from tests.support.store import DONE, JOB, MakeHarness, StoreHarness
from tests.support.stored_outcome import decoded
from tests.support.wait import eventually


@contextmanager
def _waiting(harness: StoreHarness, job_id: str, *, times: int = 1) -> Iterator[list[Record | None]]:
    """Wait for a job in threads; yield the list of records that they return."""
    found: list[Record | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(harness.store.wait(job_id, seconds=20)))
        for _ in range(times)
    ]
    for thread in threads:
        thread.start()
    eventually(lambda: harness.waiters(job_id), within=10, what="a waiter is registered")
    yield found
    for thread in threads:
        thread.join()


def test_wait_returns_the_record_when_the_job_is_final(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with _waiting(harness, job_id) as found:
        harness.store.finish(job_id, harness.take().token, DONE)
    assert found == [harness.read(job_id)]


def test_wait_returns_at_once_when_the_job_is_final_already(harness: StoreHarness) -> None:
    job_id = harness.submit()
    harness.store.finish(job_id, harness.take().token, DONE)
    assert harness.store.wait(job_id, seconds=20) == harness.read(job_id)
    assert not harness.waiters(job_id)


def test_wait_returns_none_when_the_owner_has_no_such_job(harness: StoreHarness) -> None:
    assert harness.store.wait("unknown", seconds=20) is None
    assert harness.store.wait(harness.submit(owner="ann"), owner="bob", seconds=20) is None


def test_wait_returns_the_queued_job_when_the_time_is_over(harness: StoreHarness) -> None:
    record = harness.store.wait(harness.submit(), seconds=0.05)
    assert record is not None
    assert record.status is Status.QUEUED


def test_wait_ends_when_the_client_has_left(harness: StoreHarness) -> None:
    record = harness.store.wait(harness.submit(), seconds=60, abandoned=lambda: True)
    assert record is not None
    assert record.status is Status.QUEUED


def test_wait_reads_the_record_when_the_wake_up_is_lost(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with _waiting(harness, job_id) as found:
        harness.forget_waiters(job_id)
        harness.store.finish(job_id, harness.take().token, DONE)
    assert found == [harness.read(job_id)]


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '["%s"]', '["%s", [1]]'])
def test_wait_reads_the_record_when_the_wake_up_is_unreadable(harness: StoreHarness, text: str) -> None:
    job_id = harness.submit()
    with _waiting(harness, job_id) as found:
        (reply,) = harness.waiters(job_id)
        harness.forget_waiters(job_id)
        harness.store.finish(job_id, harness.take().token, DONE)
        harness.redis.publish(reply, text.replace("%s", job_id))
    assert found == [harness.read(job_id)]


def test_wait_registers_one_channel_for_any_number_of_requests_of_a_process(harness: StoreHarness) -> None:
    job_id = harness.submit()
    with _waiting(harness, job_id, times=5) as found:
        assert len(harness.waiters(job_id)) == 1
        harness.store.finish(job_id, harness.take().token, DONE)
    assert found == [harness.read(job_id)] * 5


def test_wait_works_when_the_connections_of_the_process_were_cut(harness: StoreHarness) -> None:
    for _ in range(2):
        job_id = harness.submit()
        with _waiting(harness, job_id) as found:
            harness.redis.client_kill_filter(skipme=True)
            harness.store.finish(job_id, harness.take().token, DONE)
        assert found == [harness.read(job_id)]


def test_wait_goes_on_when_the_outcome_is_large_and_other_large_reads_wait(harness: StoreHarness) -> None:
    job_id = harness.submit()
    turns = Turns(1, wait_seconds=0.01)
    records = harness.store._records
    records._large_reads = LargeReads(turns)
    large = Outcome(result={}, stdout="x" * (1 << 20))
    refused = threading.Event()

    def get(*arguments: Any, **options: Any) -> Record | None:
        try:
            return Records.get(records, *arguments, **options)
        except Busy:
            refused.set()
            raise

    records.get = get  # type: ignore[method-assign]
    with _waiting(harness, job_id) as found, turns.take(""):
        harness.store.finish(job_id, harness.take().token, large)
        assert refused.wait(10)
    assert [decoded(record.outcome) for record in found if record] == [large]


def test_submit_awaited_returns_the_record_when_the_job_is_final(harness: StoreHarness) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            if claimed := harness.store.claim():
                harness.store.finish(claimed.id, claimed.token, DONE)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with harness.store.submit_awaited(Submission("a", JOB, QueueClass())) as wait:
            record = wait(seconds=20)
    finally:
        stop.set()
        worker.join()
    assert record is not None
    assert (record.id, decoded(record.outcome)) == ("a", DONE)


def test_submit_awaited_waits_for_the_first_job_when_the_key_is_the_same(harness: StoreHarness) -> None:
    first = harness.submit(idempotency_key="k")
    again = Submission("again", JOB, QueueClass())
    with harness.store.submit_awaited(again, idempotency_key="k") as wait:
        record = wait(seconds=0.05)
    assert record is not None
    assert record.id == first


def test_submit_awaited_raises_at_once_when_the_job_is_refused(make_harness: MakeHarness) -> None:
    harness = make_harness(queue_max=0)
    with (
        pytest.raises(QueueFull),
        harness.store.submit_awaited(Submission("a", JOB, QueueClass())),
    ):
        pass


def test_wake_up_leaves_nothing_when_its_process_has_ended(make_harness: MakeHarness) -> None:
    harness, gone = make_harness(), make_harness()
    job_id = harness.submit()
    assert gone.store.wait(job_id, seconds=0.05) is not None
    gone.store.close()
    harness.store.finish(job_id, harness.take().token, DONE)
    assert not harness.redis.keys("*reply*")
    assert not harness.waiters(job_id)


@pytest.mark.parametrize("text", ["[[1]]", "[{}]", "[null]", "[" * 100_000, b"\xff"])
def test_listener_goes_on_when_a_wake_up_is_malformed(harness: StoreHarness, text: str | bytes) -> None:
    for _ in range(2):
        job_id = harness.submit()
        with _waiting(harness, job_id) as found:
            (reply,) = harness.waiters(job_id)
            harness.redis.publish(reply, text)
            harness.store.finish(job_id, harness.take().token, DONE)
        assert found == [harness.read(job_id)]


def test_abandoned_waits_leave_one_channel_and_nothing_after_the_end(harness: StoreHarness) -> None:
    job_id = harness.submit()
    for _ in range(50):
        assert harness.store.wait(job_id, seconds=0.001) is not None
    assert len(harness.waiters(job_id)) == 1
    before = harness.redis.info("commandstats")
    harness.store.finish(job_id, harness.take().token, Outcome(result={}, stdout="x" * 15_000))
    after = harness.redis.info("commandstats")
    assert after["cmdstat_publish"]["calls"] - before.get("cmdstat_publish", {"calls": 0})["calls"] == 1
    assert not harness.waiters(job_id)
    harness.check()
