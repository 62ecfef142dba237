"""The part of `/queue.json` that all keys see: how often it is read."""

import threading

import pytest
from redis import RedisError

from api.queue import Remembered


class Source:
    """Answers with the number of the read, or fails."""

    def __init__(self) -> None:
        self.reads, self.now = 0, 100.0
        self.failure: RedisError | None = None

    def read(self) -> int:
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        return self.reads

    def remembered(self) -> Remembered:
        return Remembered(self.read, clock=lambda: self.now)


def test_value_is_read_once_a_second_when_many_ask() -> None:
    source = Source()
    remembered = source.remembered()
    threads = [threading.Thread(target=remembered.get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.reads == 1
    source.now += 0.9
    assert remembered.get() == 1
    source.now += 0.2
    assert remembered.get() == 2


def test_failure_is_remembered_for_a_second_and_then_forgotten() -> None:
    source = Source()
    remembered = source.remembered()
    source.failure = RedisError("away")
    for _ in range(3):
        with pytest.raises(RedisError):
            remembered.get()
    assert source.reads == 1
    source.failure = None
    source.now += 1
    assert remembered.get() == 2
