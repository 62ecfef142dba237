"""A clock that only tests move."""

import time

import pytest


def replace_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the clocks of this process; return their time, followed by the seconds of each sleep."""
    state = [100.0]

    def sleep(seconds: float) -> None:
        state[0] += seconds
        state.append(round(seconds, 6))

    monkeypatch.setattr(time, "monotonic", lambda: state[0])
    monkeypatch.setattr(time, "thread_time", lambda: state[0])
    monkeypatch.setattr(time, "sleep", sleep)
    return state
