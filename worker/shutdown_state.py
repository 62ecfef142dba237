"""How far the stop of a worker has come, as all its processes see it.

    RUNNING        takes jobs
    FINISHING      takes no more, finishes those it has; from the first signal on
    HANDING_BACK   kills those too and hands them back; from a second signal, or the end of the grace, on

It never goes back.
"""

import mmap
import signal
from collections.abc import Callable
from typing import Any, Final

_RUNNING: Final = 0
_FINISHING: Final = 1
_HANDING_BACK: Final = 2

_STOPS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class ShutdownState:
    """The stage, in a byte of memory that processes forked later share."""

    def __init__(self) -> None:
        """Begin in RUNNING."""
        self._shared = mmap.mmap(-1, 1)

    @property
    def taking(self) -> bool:
        """Whether jobs may be claimed."""
        return self._shared[0] == _RUNNING

    @property
    def handing_back(self) -> bool:
        """Whether jobs must be handed back, running or not."""
        return self._shared[0] == _HANDING_BACK

    def hand_back(self) -> None:
        """Have every job handed back."""
        self._shared[0] = _HANDING_BACK

    def finish(self) -> None:
        """Have no more jobs taken."""
        self._shared[0] = max(self._shared[0], _FINISHING)

    def follow_signals(self, stop: Callable[[], None], grace: float) -> None:
        """Let signals to this process move the stage on.

        stop: is called at the first of them, in the middle of anything.
        grace: seconds jobs may go on after it.
        """

        def signalled(*_: Any) -> None:
            if not self.taking or grace <= 0:
                self.hand_back()
            else:
                self.finish()
                # An alarm, not a thread: a handler must not wait for a lock of what it interrupts.
                signal.setitimer(signal.ITIMER_REAL, grace)
            stop()

        signal.signal(signal.SIGALRM, lambda *_: self.hand_back())
        for number in _STOPS:
            signal.signal(number, signalled)
