"""The pace of the reads of streams.

Thousands of streams can follow one chatty job. So the streams of an owner read one after the other, and rest
after each read. One owner's streams then cost a bounded share of the process, however many they are and
however much their jobs write. If many streams read at once, each read also takes longer and needs a
connection to Redis of its own, and the process falls behind for good.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from store.errors import Busy
from store.turns import NoTurn, RestingTurns, Turns

#: How many owners have a turn at once, and for how many seconds a stream waits for its turn. Then an open
#: stream looks whether to send a comment, and a new one is refused.
_AT_ONCE: Final = 8
_WAIT: Final = 10.0

#: Seconds after which a client should try again to open a stream.
_RETRY: Final = 1.0

#: Seconds of rest for each CPU second of a read and of the events made from it, and the longest rest. To wake
#: the streams and to send the events costs about as much again.
_REST: Final = 4.0
_LONGEST_REST: Final = 0.2


class Pace:
    """The turns of the owners in one process."""

    def __init__(self) -> None:
        """Start without reads."""
        self._turns = RestingTurns(Turns(_AT_ONCE, math.inf, _WAIT), rest=_REST, longest=_LONGEST_REST)

    @contextmanager
    def turn(self, owner: str) -> Iterator[None]:
        """Wait for the turn of the owner's next read, and keep it while the context lasts.

        Raises:
            Busy: The turn has not come in time.
        """
        try:
            with self._turns.take(owner):
                yield
        except NoTurn:
            raise Busy(_RETRY) from None
