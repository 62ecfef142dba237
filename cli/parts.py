"""The processes that run side by side, on honcho."""

import io
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Popen

#: Seconds after which a signal that came too early is looked at again.
_TOO_EARLY = 0.05


class Parts(Manager):  # type: ignore[misc]  # honcho has no types
    """Processes in sessions of their own; when one ends, or a signal comes, all are stopped.

    ended_first: the name and status of the part that ended by itself, None where a signal came.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Make an empty set of parts, to be run with `environment`."""
        super().__init__(_Printer(_unbuffered_stdout()))
        self.environment = dict(environment)
        self.ended_first: tuple[str, int] | None = None

    def add(self, name: str, command: Sequence[str]) -> None:
        """Add a part; it starts with the loop.

        What it says on standard output is printed line by line. Its log, on standard error, is not: two
        processes would read each line to print it again, which costs more than what some lines tell of.
        """
        process = self.add_process(name, f"exec {shlex.join(command)}", env=self.environment)
        process._child_ctor = partial(Popen, stderr=None)

    def terminate(self) -> None:
        """Stop every part; called by the loop and, at a signal, from honcho's handler."""
        if not self._all_started():
            # honcho knows a part's pid only once its loop has read it, and stops none without it.
            signal.signal(signal.SIGALRM, lambda *_: self.terminate())
            signal.setitimer(signal.ITIMER_REAL, _TOO_EARLY)
            return
        if not self._terminating:
            parts = self._processes.items()
            self.ended_first = next(((n, p["returncode"]) for n, p in parts if "returncode" in p), None)
        super().terminate()


class _Printer(Printer):  # type: ignore[misc]  # honcho has no types
    def write(self, message: Message) -> None:
        """Print a line of a part; that of the banner as it is."""
        self.prefix = message.name != "ready"
        # Whoever read the output may have gone; the parts must still be stopped in order.
        with suppress(OSError):
            super().write(message)


def _unbuffered_stdout() -> io.TextIOWrapper:
    # A signal handler may print in the middle of a print; Python's buffered writer forbids that.
    raw = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
