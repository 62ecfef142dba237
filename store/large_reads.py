"""The reads of large outcomes, of large artifacts and of pages, in one process.

An outcome has up to 6 MB and an artifact up to 8 MB, and takes several times as much memory while it is read.
So a process reads at most two at once, of two owners. Reading and sending 6 MB takes about 7 ms of CPU time,
and the other requests wait meanwhile. So the next read of an owner waits for a rest after the last one. An
owner that asks for many outcomes then takes about a fifth of the process, however many clients it has.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from store.errors import Busy
from store.turns import LineFull, NoTurn, RestingTurns, Turns

#: How many reads run at once, how many of one owner may wait, and for how many seconds.
_AT_ONCE: Final = 2
_WAITING: Final = 64
_WAIT: Final = 10.0

#: Seconds of rest for each CPU second of the read, and the longest rest. The answer costs CPU time too, about
#: half as much, so that one owner takes at most about a fifth of the process.
_REST: Final = 8.0
_LONGEST_REST: Final = 0.2

#: Seconds after which a client should try again when too many of them wait.
_RETRY: Final = 1.0


class LargeReads:
    """The turns of the owners."""

    def __init__(self, turns: Turns | None = None) -> None:
        """Start without a read; `turns` replaces the usual bounds."""
        self._turns = RestingTurns(
            turns or Turns(_AT_ONCE, _WAITING, _WAIT), rest=_REST, longest=_LONGEST_REST
        )

    @contextmanager
    def turn(self, owner: str) -> Iterator[None]:
        """Wait for the owner's turn, and keep it while the context lasts.

        Raises:
            Busy: The turn has not come in time, or too many reads of the owner wait.
        """
        try:
            with self._turns.take(owner):
                yield
        except (LineFull, NoTurn):
            raise Busy(_RETRY) from None
