"""Waiting in tests: for a condition, with a deadline, never for a time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float, what: str) -> T:
    """Return the first true answer of `look`; fail after `within` seconds."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        pause.wait(0.02)
    return seen


def settled(look: Callable[[], T]) -> T:
    """Return what `look` says once it has said the same twenty times in a row."""
    said: list[T] = []

    def same() -> bool:
        said.append(look())
        return len(said) >= 20 and all(one == said[-1] for one in said[-20:])

    eventually(same, within=20, what="it settles")
    return said[-1]
