"""A process that waits for a notification claims a job in the same step."""

import threading
from collections.abc import Callable

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import ResponseError

from store import keys
from store.claims import WaitResult
from tests.support.store import MakeHarness, StoreHarness, has_waiting_client
from tests.support.wait import eventually

MESSAGE = "a message"
WORKER = "worker-1"


@pytest.fixture
def harness(make_harness: MakeHarness) -> StoreHarness:
    return make_harness(notification=MESSAGE, block=30)


def _wait_while(harness: StoreHarness, action: Callable[[], object]) -> WaitResult | Exception:
    """Wait in a thread, run `action` meanwhile, and return how the wait ends."""
    ends: list[WaitResult | Exception] = []

    def wait() -> None:
        try:
            ends.append(harness.store.wait_and_claim(WORKER, 30))
        except Exception as error:  # noqa: BLE001 -- the test looks at it
            ends.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: has_waiting_client(harness.redis), within=10, what="a client waits")
    action()
    thread.join()
    return ends[0]


def test_wait_and_claim_returns_a_job_when_it_is_submitted(harness: StoreHarness) -> None:
    ids: list[str] = []
    waited = _wait_while(harness, lambda: ids.append(harness.submit()))
    assert isinstance(waited, WaitResult)
    assert waited.claimed is not None
    assert (waited.notified, [waited.claimed.id]) == (True, ids)
    assert not harness.take_notifications()
    harness.check()


def test_wait_and_claim_returns_no_job_when_another_process_has_claimed_it(
    harness: StoreHarness, redis: "Redis"
) -> None:
    waited = _wait_while(harness, lambda: redis.lpush(keys.NOTIFICATIONS, MESSAGE))
    assert waited == WaitResult(notified=True, claimed=None)


def test_wait_and_claim_finds_a_job_when_no_notification_came(harness: StoreHarness) -> None:
    job_id = harness.submit()
    harness.take_notifications()
    waited = harness.store.wait_and_claim(WORKER, 0.1)
    assert waited.claimed is not None
    assert waited.claimed.id == job_id
    assert harness.store.wait_and_claim(WORKER, 0.1) == WaitResult(notified=False, claimed=None)


def test_interrupt_waits_ends_a_wait_before_it_takes_a_notification(
    harness: StoreHarness, redis: "Redis"
) -> None:
    redis.lpush(keys.NOTIFICATIONS, MESSAGE)
    harness.store.interrupt_waits(WORKER, 2)
    assert harness.store.wait_and_claim(WORKER, 30) == WaitResult(notified=False, claimed=None)
    assert redis.ttl(keys.interrupts(WORKER)) > 0
    assert redis.llen(keys.NOTIFICATIONS) == 1


def test_interrupt_waits_does_not_end_the_wait_of_another_worker(
    harness: StoreHarness, redis: "Redis"
) -> None:
    harness.store.interrupt_waits("another", 1)
    assert harness.store.wait_and_claim(WORKER, 0.1) == WaitResult(notified=False, claimed=None)
    assert redis.llen(keys.interrupts("another")) == 1


def test_wait_and_claim_works_when_redis_has_forgotten_its_scripts(harness: StoreHarness) -> None:
    ids: list[str] = []

    def submit() -> None:
        ids.append(harness.submit())

    _wait_while(harness, submit)
    harness.redis.script_flush()
    waited = _wait_while(harness, submit)
    assert isinstance(waited, WaitResult)
    assert waited.claimed is not None
    assert waited.claimed.id == ids[1]


def test_wait_and_claim_raises_when_the_connection_is_cut(harness: StoreHarness, redis: "Redis") -> None:
    assert isinstance(_wait_while(harness, lambda: redis.client_kill_filter(skipme=True)), Disconnected)


def test_wait_and_claim_raises_when_the_list_is_no_list_but_runs_a_job_first(harness: StoreHarness) -> None:
    harness.redis.set(keys.NOTIFICATIONS, "")
    job_id = harness.submit()
    waited = harness.store.wait_and_claim(WORKER, 30)
    assert waited.claimed is not None
    assert waited.claimed.id == job_id
    with pytest.raises(ResponseError):
        harness.store.wait_and_claim(WORKER, 30)
