"""Wait in tests for a condition, with a deadline, and never for a fixed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float, what: str) -> T:
    """Return the first true value of `look`; fail after `within` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (value := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        pause.wait(0.02)
    return value


def settled(look: Callable[[], T]) -> T:
    """Return the value of `look` once it has been the same twenty times in a row."""
    values: list[T] = []

    def same() -> bool:
        values.append(look())
        return len(values) >= 20 and all(value == values[-1] for value in values[-20:])

    eventually(same, within=20, what="the value stays the same")
    return values[-1]
