"""The shutdown state of a worker, as all its processes see it.

    RUNNING        claims jobs
    FINISHING      from the first signal on: claims no more jobs, and finishes its running jobs
    HANDING_BACK   from a second signal or the end of the grace period on: kills its running jobs and hands
                   them back

The worker never returns to an earlier state.
"""

import mmap
import signal
from collections.abc import Callable
from typing import Any, Final

_RUNNING: Final = 0
_FINISHING: Final = 1
_HANDING_BACK: Final = 2

_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class ShutdownState:
    """The state, in one byte of memory that is shared with processes forked later."""

    def __init__(self) -> None:
        """Start in RUNNING."""
        self._shared = mmap.mmap(-1, 1)

    @property
    def accepts_jobs(self) -> bool:
        """Whether jobs may be claimed."""
        return self._shared[0] == _RUNNING

    @property
    def hands_back(self) -> bool:
        """Whether jobs must be handed back, running or not."""
        return self._shared[0] == _HANDING_BACK

    def hand_back(self) -> None:
        """Enter HANDING_BACK."""
        self._shared[0] = _HANDING_BACK

    def finish(self) -> None:
        """Enter FINISHING, unless a later state has been reached."""
        self._shared[0] = max(self._shared[0], _FINISHING)

    def follow_signals(self, stop: Callable[[], None], grace: float) -> None:
        """Let signals to this process change the state.

        Args:
            stop: Called at every signal, in the middle of any other code.
            grace: Seconds that running jobs may continue after the first signal.
        """

        def on_signal(*_: Any) -> None:
            if not self.accepts_jobs or grace <= 0:
                self.hand_back()
            else:
                self.finish()
                # An alarm, not a thread: a signal handler must not wait for a lock of the code it interrupts.
                signal.setitimer(signal.ITIMER_REAL, grace)
            stop()

        signal.signal(signal.SIGALRM, lambda *_: self.hand_back())
        for number in _STOP_SIGNALS:
            signal.signal(number, on_signal)
