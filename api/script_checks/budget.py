"""A budget of CPU time for each key."""

import time
from collections.abc import Callable


class CpuBudget:
    """The CPU time that each key may use. A key earns time at a fixed rate and saves up a bounded amount.

    The cost of a check is known only afterwards. So a check is allowed while its key has any time left. A key
    can use more time than it has. It then waits until it has earned the difference.
    """

    def __init__(self, per_second: float, saved: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Give every key `saved` seconds.

        Args:
            per_second: The CPU seconds that each key earns in a second; 0 means that there is no bound.
            saved: The most CPU seconds that a key can have.
            clock: The clock.
        """
        self._per_second, self._saved, self._clock = per_second, saved, clock
        # The CPU seconds of each key, and when they were counted.
        self._accounts: dict[str, tuple[float, float]] = {}

    def seconds_until_allowed(self, key: str) -> float:
        """Return the seconds until the key has time left, 0 if it has."""
        balance = self._balance(key)
        return 0.0 if not self._per_second or balance > 0 else max(-balance, 0.01) / self._per_second

    def charge(self, key: str, seconds: float) -> None:
        """Take CPU seconds from a key."""
        self._accounts[key] = self._balance(key) - seconds, self._clock()

    def _balance(self, key: str) -> float:
        now = self._clock()
        balance, counted_at = self._accounts.get(key, (self._saved, now))
        return min(self._saved, balance + (now - counted_at) * self._per_second)
