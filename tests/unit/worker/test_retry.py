"""Retrying a Redis command."""

import pytest
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import RedisError

from worker.retry import retry


class Redis:
    """A Redis that fails a given number of times, then answers."""

    def __init__(self, failures: int) -> None:
        self.asked = 0
        self._failures = failures

    def ask(self) -> int:
        self.asked += 1
        if self.asked <= self._failures:
            raise Gone(f"failure {self.asked}")
        return self.asked


def test_retry_returns_the_first_answer_when_there_is_no_error() -> None:
    assert retry(Redis(0).ask, within=0) == 1


def test_retry_asks_again_when_there_is_an_error() -> None:
    assert retry(Redis(3).ask, within=60) == 4


def test_retry_raises_the_last_error_when_the_time_is_over() -> None:
    redis = Redis(1000)
    with pytest.raises(Gone, match=r"failure 2"):
        retry(redis.ask, within=0.06)


def test_retry_raises_at_once_when_the_error_is_final() -> None:
    redis, errors = Redis(1000), list[RedisError]()

    def is_final(error: RedisError) -> bool:
        errors.append(error)
        return len(errors) == 2

    with pytest.raises(Gone):
        retry(redis.ask, within=60, is_final=is_final)
    assert redis.asked == len(errors) == 2


def test_retry_raises_at_once_when_the_error_is_not_of_redis() -> None:
    def ask() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        retry(ask, within=60)
