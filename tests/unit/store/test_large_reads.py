"""Large reads: an owner rests after each."""

import time

import pytest

from store.large_reads import LargeReads


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the reads: its time, then the seconds slept."""
    state = [100.0]

    def sleep(seconds: float) -> None:
        state[0] += seconds
        state.append(round(seconds, 6))

    monkeypatch.setattr(time, "monotonic", lambda: state[0])
    monkeypatch.setattr(time, "thread_time", lambda: state[0])
    monkeypatch.setattr(time, "sleep", sleep)
    return state


def test_owner_rests_in_proportion_to_the_cpu_time_of_its_last_read(clock: list[float]) -> None:
    reads = LargeReads()
    with reads.turn("a"):
        clock[0] += 0.01
    with reads.turn("a"):
        pass
    assert clock[1:] == [0.08]


def test_rest_is_bounded_when_a_read_took_long(clock: list[float]) -> None:
    reads = LargeReads()
    with reads.turn("a"):
        clock[0] += 5.0
    with reads.turn("a"):
        pass
    assert clock[1:] == [0.2]


def test_owner_does_not_rest_for_the_reads_of_another(clock: list[float]) -> None:
    reads = LargeReads()
    with reads.turn("a"):
        clock[0] += 1.0
    with reads.turn("b"):
        pass
    assert clock[1:] == []
