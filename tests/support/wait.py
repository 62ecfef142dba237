"""Wait in tests for a condition, with a deadline, and never for a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], *, within: float, what: str) -> T:
    """Return the first true value of `condition`; fail after `within` seconds.

    Args:
        condition: Called again and again.
        within: Seconds to wait at the most.
        what: The awaited state, for the message of a failure.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        pause.wait(0.02)
    return value


def stable_value(measure: Callable[[], T]) -> T:
    """Return the value of `measure` when it has been the same twenty times in a row."""
    values: list[T] = []

    def same() -> bool:
        values.append(measure())
        return len(values) >= 20 and all(value == values[-1] for value in values[-20:])

    eventually(same, within=20, what="the value stays the same")
    return values[-1]
