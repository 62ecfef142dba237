"""The pace at which the streams of an owner read."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.pace import Pace
from tests.support.wait import eventually


def test_streams_of_one_owner_read_one_after_the_other_and_those_of_others_meanwhile() -> None:
    pace, end, reading = Pace(), threading.Event(), list[str]()

    def read(owner: str) -> None:
        with pace.turn(owner):
            reading.append(owner)
            end.wait(30)
            reading.remove(owner)

    with ThreadPoolExecutor(8) as pool:
        for owner in ("shop", "shop", "shop", "school"):
            pool.submit(read, owner)
        try:
            eventually(lambda: "school" in reading, within=10, what="the other owner reads")
            assert sorted(reading) == ["school", "shop"]
        finally:
            end.set()


def test_owner_rests_in_proportion_to_the_cpu_time_of_its_last_read(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, slept = [100.0], list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "thread_time", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", slept.append)
    pace = Pace()
    with pace.turn("shop"):
        clock[0] += 0.001
    for owner in ("school", "shop"):
        with pace.turn(owner):
            pass
    assert slept == [pytest.approx(0.004)]
