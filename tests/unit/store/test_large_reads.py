import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.errors import Busy
from store.large_reads import LargeReads
from tests.support.wait import eventually


def test_turn_is_refused_when_another_read_of_the_owner_lasts_too_long() -> None:
    reads = LargeReads(wait=0.01)
    with reads.turn("ann"):
        with pytest.raises(Busy), reads.turn("ann"):
            pass
        with reads.turn("bob"):
            pass
    with reads.turn("ann"):
        pass


def test_turn_is_refused_when_two_reads_of_others_last_too_long() -> None:
    reads = LargeReads(wait=0.01)
    with reads.turn("ann"), reads.turn("bob"), pytest.raises(Busy), reads.turn("eve"):
        pass
    with reads.turn("eve"):
        pass


def test_turn_of_an_owner_waits_for_one_read_of_another_that_asks_for_many() -> None:
    reads, order, first = LargeReads(), [], threading.Event()

    def read(owner: str) -> None:
        with reads.turn(owner):
            order.append(owner)
            first.wait()

    with ThreadPoolExecutor(21) as threads:
        for _ in range(20):
            threads.submit(read, "ann")
        threads.submit(read, "bob")
        eventually(lambda: "bob" in order, within=5, what="the other owner reads")
        assert order.count("ann") <= 1
        first.set()
    assert len(order) == 21
