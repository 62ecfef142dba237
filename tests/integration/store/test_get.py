from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from jobs.outcome import Outcome
from jobs.status import Status
from store.errors import Busy
from store.large_reads import LargeReads
from store.turns import Turns
from tests.support.store import DONE, StoreHarness
from tests.support.stored_outcome import decoded
from tests.support.wait import eventually


def test_get_returns_each_status_of_a_job(harness: StoreHarness) -> None:
    job_id = harness.submit()
    assert harness.status(job_id) is Status.QUEUED
    token = harness.take().token
    assert harness.status(job_id) is Status.RUNNING
    harness.store.finish(job_id, token, DONE)
    assert decoded(harness.read(job_id).outcome) == DONE


def test_get_returns_none_when_the_job_has_another_owner(harness: StoreHarness) -> None:
    job_id = harness.submit(owner="ann")
    assert harness.store.get(job_id) is None
    assert harness.store.get(job_id, owner="bob", reply="me") is None
    assert harness.store.get("unknown", owner="ann") is None
    assert harness.read(job_id, "ann").id == job_id
    harness.store.finish(job_id, harness.take().token, DONE)
    assert harness.woken("me") == []


def test_get_registers_no_waiter_when_the_job_is_final(harness: StoreHarness, redis: "Redis") -> None:
    job_id = harness.submit()
    harness.store.finish(job_id, harness.take().token, DONE)
    assert harness.store.get(job_id, reply="me") is not None
    assert not harness.waiters(job_id)


def test_get_returns_an_outcome_of_any_size(harness: StoreHarness) -> None:
    for size in (1, 1 << 16, 1 << 20):
        job_id = harness.submit()
        outcome = Outcome(result={}, stdout="x" * size)
        harness.store.finish(job_id, harness.take().token, outcome)
        assert decoded(harness.read(job_id).outcome) == outcome


def test_get_waits_for_its_turn_when_the_outcome_is_large(harness: StoreHarness) -> None:
    small, large = harness.submit(), harness.submit()
    for outcome in (DONE, Outcome(result={}, stdout="x" * (1 << 20))):
        claimed = harness.take()
        harness.store.finish(claimed.id, claimed.token, outcome)
    with ThreadPoolExecutor(1) as threads:
        with harness.store._records._large_reads.turn(""):
            reading = threads.submit(harness.read, large)
            assert decoded(harness.read(small).outcome) == DONE
            assert not reading.done()
        assert reading.result().outcome is not None


def test_get_is_refused_when_too_many_large_reads_of_the_owner_wait(harness: StoreHarness) -> None:
    small, large = harness.submit(), harness.submit()
    for outcome in (DONE, Outcome(result={}, stdout="x" * (1 << 20))):
        claimed = harness.take()
        harness.store.finish(claimed.id, claimed.token, outcome)
    turns = Turns(1, waiting_max=1)
    harness.store._records._large_reads = LargeReads(turns)
    with ThreadPoolExecutor(1) as threads:
        with turns.take(""):
            reading = threads.submit(harness.read, large)
            eventually(lambda: bool(turns._lines), within=10, what="a read waits")
            with pytest.raises(Busy):
                harness.read(large)
            assert decoded(harness.read(small).outcome) == DONE
        assert decoded(reading.result().outcome).stdout == "x" * (1 << 20)


def test_get_without_outcomes_returns_records_in_the_order_asked_for(harness: StoreHarness) -> None:
    first, other, second = (harness.submit(owner=owner) for owner in ("ann", "bob", "ann"))
    harness.store.finish(first, harness.take().token, DONE)
    found = harness.store.get_without_outcomes([second, "unknown", other, first, second], owner="ann")
    assert [(record.id, record.status) for record in found] == [
        (second, Status.QUEUED),
        (first, Status.SUCCEEDED),
    ]
    assert [record.outcome for record in found] == [None, None]
    assert harness.store.get_without_outcomes([]) == []
