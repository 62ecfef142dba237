"""The turns to read bodies of megabytes.

Only the contents of files make a body large. To read one of 12 MB takes up to 0.2 s of CPU time, in which the
process serves no other request. So a process reads them one by one, and the keys take turns. A key that has
used up its share waits until it has earned the time of its last body.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from api.errors import TooManyWaits
from api.script_checks.budget import CpuBudget
from jobs.limits import MB
from store.turns import LineFull, NoTurn, Turns

#: How many keys have a turn at once: one reads, while another may wait until it has earned the time.
_AT_ONCE: Final = 2

#: How many bodies of one key may wait, and for how many seconds.
_WAITING: Final = 64
_WAIT: Final = 10.0

#: CPU seconds that a key earns in a second, and the most that it can save up.
_EARNED: Final = 0.25
_SAVED: Final = 3.0

#: CPU seconds that each MB of a body costs before and after it is read as JSON (measured): it arrives, its
#: base64 is decoded, and it is sent to Redis.
_OTHER_SECONDS: Final = 0.005


class LargeBodies:
    """The turns of the owners in one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without a body; `clock` counts the seconds in which keys earn time."""
        self._turns = Turns(_AT_ONCE, _WAITING, _WAIT)
        self._budget = CpuBudget(_EARNED, _SAVED, clock)

    @contextmanager
    def turn(self, owner: str, size: int) -> Iterator[None]:
        """Wait for the owner's turn to read a body of `size` bytes, and keep it while the context lasts.

        Raises:
            TooManyWaits: The turn has not come in time, or too many bodies of the owner wait.
        """
        try:
            with self._turns.take(owner):
                # Under gevent, other requests run now.
                time.sleep(self._budget.seconds_until_allowed(owner))
                began = time.thread_time()
                try:
                    yield
                finally:
                    seconds = time.thread_time() - began
                    self._budget.charge(owner, seconds + _OTHER_SECONDS * size / MB)
        except (LineFull, NoTurn):
            whose = " of this key" if owner else ""
            raise TooManyWaits(f"too many requests{whose} with large files wait") from None
