"""Large reads: an owner rests after each."""

import pytest

from store.large_reads import LargeReads
from tests.support.clock import replace_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the reads: its time, then the seconds slept."""
    return replace_clock(monkeypatch)


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
