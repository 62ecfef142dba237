"""The turns of large bodies: one key cannot take the process."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api import large_bodies
from api.large_bodies import LargeBodies
from jobs.limits import MB
from tests.support.clock import replace_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the process: its time, then the seconds slept."""
    return replace_clock(monkeypatch)


def _read(bodies: LargeBodies, owner: str, clock: list[float], seconds: float, size: int = 0) -> None:
    with bodies.turn(owner, size):
        clock[0] += seconds


def test_key_waits_when_its_bodies_have_used_up_its_share(clock: list[float]) -> None:
    bodies, began = LargeBodies(lambda: clock[0]), clock[0]
    for _ in range(200):
        _read(bodies, "hostile", clock, 0.1, MB)
    # What it saved up goes first. Then each body waits until the last one is earned.
    assert clock[1:20] == [0] * 19
    assert clock[-1] > 0.2
    assert 200 * 0.105 / (clock[0] - began) < 0.35


def test_key_does_not_wait_for_the_share_of_another(clock: list[float]) -> None:
    bodies = LargeBodies(lambda: clock[0])
    for _ in range(100):
        _read(bodies, "hostile", clock, 0.1)
    del clock[1:]
    _read(bodies, "honest", clock, 0.1)
    assert clock[1:] == [0]


def test_body_is_refused_when_too_many_of_its_key_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_bodies, "_WAITING", 1)
    bodies, entered, leave = LargeBodies(), threading.Event(), threading.Event()

    def hold() -> None:
        with bodies.turn("hostile", 0):
            entered.set()
            leave.wait(10)

    with ThreadPoolExecutor() as pool:
        pool.submit(hold)
        assert entered.wait(10)
        try:
            refused = 0
            waiting = [pool.submit(_enter, bodies) for _ in range(3)]
            for one in waiting[1:]:
                refused += one.exception(10) is not None
        finally:
            leave.set()
        assert refused


def _enter(bodies: LargeBodies) -> None:
    with bodies.turn("hostile", 0):
        pass
