"""The lease keeper: it renews leases and kills unwanted jobs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from redis import RedisError

from jobs.job import Job
from store.claims import Claimed
from tests.support.wait import eventually
from worker.lease import AbortReason, LeaseKeeper
from worker.shutdown_state import ShutdownState

#: Seconds between two renewals.
EVERY = 0.01


class Store:
    """The part of a store and a sandbox that a LeaseKeeper uses."""

    def __init__(self) -> None:
        self.answer: bool | RedisError = True
        self.renewed: list[str] = []
        self.kills = 0

    def renew(self, job_id: str, _token: int) -> bool:
        self.renewed.append(job_id)
        if isinstance(self.answer, RedisError):
            raise self.answer
        return self.answer

    def kill(self) -> None:
        self.kills += 1


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def shutdown() -> ShutdownState:
    return ShutdownState()


@pytest.fixture
def keeper(store: Store, shutdown: ShutdownState) -> Iterator[LeaseKeeper]:
    with closing(LeaseKeeper(store.renew, store.kill, shutdown, every=EVERY)) as keeper:
        yield keeper


def _make_claimed(name: str) -> Claimed:
    return Claimed(name, Job(""), token=1, attempt=1, created_ms=0, started_ms=0)


def _wait_until(condition: Callable[[], object]) -> None:
    eventually(condition, within=10, what="the keeper has acted")


def test_lease_keeper_renews_again_while_the_job_runs(keeper: LeaseKeeper, store: Store) -> None:
    with keeper.keep(_make_claimed("long")) as running:
        _wait_until(lambda: store.renewed[:2] == ["long", "long"])
    assert (running.abort_reason, store.kills) == (None, 0)


def test_lease_keeper_kills_a_job_until_it_has_ended_when_it_is_unwanted(
    keeper: LeaseKeeper, store: Store
) -> None:
    store.answer = False
    with keeper.keep(_make_claimed("cancelled")) as running:
        _wait_until(lambda: store.kills >= 2)
    assert running.abort_reason is AbortReason.UNWANTED
    assert store.renewed == ["cancelled"]


def test_lease_keeper_kills_no_job_when_the_unwanted_one_has_just_ended(
    store: Store, shutdown: ShutdownState
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def renew(_job_id: str, _token: int) -> bool:
        asked.set()
        answered.wait(10)
        return False

    keeper = LeaseKeeper(renew, store.kill, shutdown, every=EVERY)
    with keeper.keep(_make_claimed("first")):
        asked.wait(10)
    with keeper.keep(_make_claimed("second")) as second:
        keeper._closed.set()
        answered.set()
        keeper.close()
    assert (store.kills, second.abort_reason) == (0, None)


def test_lease_keeper_lets_the_job_go_on_when_redis_is_down(keeper: LeaseKeeper, store: Store) -> None:
    store.answer = RedisError("down")
    with keeper.keep(_make_claimed("any")) as running:
        _wait_until(lambda: len(store.renewed) >= 2)
    assert (running.abort_reason, store.kills) == (None, 0)


def test_lease_keeper_kills_the_job_when_it_must_be_handed_back(
    keeper: LeaseKeeper, store: Store, shutdown: ShutdownState
) -> None:
    shutdown.hand_back()
    with keeper.keep(_make_claimed("any")) as running:
        _wait_until(lambda: store.kills)
    assert running.abort_reason is AbortReason.HANDED_BACK
    assert store.renewed == []


def test_lease_keeper_renews_nothing_when_no_job_runs(keeper: LeaseKeeper, store: Store) -> None:
    with keeper.keep(_make_claimed("short")):
        pass
    before = len(store.renewed)
    keeper.close()
    assert len(store.renewed) == before
