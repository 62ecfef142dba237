"""A notification is pending whenever a job can run, and never more than one."""

import pytest

from config.names import ID_PLACEHOLDER
from store import keys
from tests.support.store import DONE, MakeHarness, StoreHarness

MESSAGE = f"message {ID_PLACEHOLDER}"


@pytest.fixture
def harness(make_harness: MakeHarness) -> StoreHarness:
    return make_harness(notification=MESSAGE, key_running_max=1)


def test_submit_leaves_one_notification_for_any_number_of_jobs(harness: StoreHarness) -> None:
    for _ in range(5):
        harness.submit()
    assert len(harness.take_notifications()) == 1


def test_notifications_have_different_ids(harness: StoreHarness) -> None:
    messages = []
    for _ in range(20):
        harness.submit()
        messages += harness.take_notifications()
    assert len(set(messages)) == 20
    assert all(len(message) == len(MESSAGE) and ID_PLACEHOLDER not in message for message in messages)


def test_claim_leaves_a_notification_while_jobs_are_left(harness: StoreHarness) -> None:
    for _ in range(3):
        harness.submit()
    for left in (1, 1, 0):
        assert harness.take_notifications()
        harness.take()
        assert harness.redis.llen(keys.NOTIFICATIONS) == left


def test_store_leaves_no_notification_when_no_job_can_run(harness: StoreHarness) -> None:
    job_id = harness.submit()
    harness.take_notifications()
    claimed = harness.take()
    harness.store.finish(job_id, claimed.token, DONE)
    harness.store.cancel(harness.submit())
    harness.take_notifications()
    harness.store.reconcile()
    assert harness.store.claim() is None
    assert not harness.take_notifications()


@pytest.mark.parametrize("how", ["finish", "cancel"])
def test_store_notifies_for_a_capped_job_when_the_cap_allows_it(harness: StoreHarness, how: str) -> None:
    for _ in range(2):
        harness.submit(owner="ann")
    first = harness.take()
    assert harness.store.claim() is None
    harness.take_notifications()
    harness.store.reconcile()
    assert not harness.take_notifications()
    if how == "finish":
        harness.store.finish(first.id, first.token, DONE)
    else:
        harness.store.cancel(first.id, owner="ann")
    assert len(harness.take_notifications()) == 1


def test_release_leaves_a_notification(harness: StoreHarness) -> None:
    harness.submit()
    claimed = harness.take()
    harness.take_notifications()
    harness.store.release(claimed.id, claimed.token)
    assert len(harness.take_notifications()) == 1


def test_reconcile_leaves_a_notification_when_it_requeues(harness: StoreHarness) -> None:
    harness.submit()
    harness.take(lapsing=True)
    harness.take_notifications()
    harness.store.reconcile()
    assert len(harness.take_notifications()) == 1


def test_reconcile_and_notify_repeat_a_notification_when_it_was_lost(harness: StoreHarness) -> None:
    harness.submit()
    assert harness.take_notifications()
    harness.store.reconcile()
    assert len(harness.take_notifications()) == 1
    harness.store.notify()
    assert len(harness.take_notifications()) == 1


def test_submit_accepts_a_job_when_the_notification_cannot_be_pushed(harness: StoreHarness) -> None:
    harness.redis.set(keys.NOTIFICATIONS, "")
    job_id = harness.submit()
    assert harness.take().id == job_id
