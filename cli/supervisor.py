"""The supervisor of several processes, on honcho.

The private members of honcho that it uses are listed in docs/reference/private-members.md.
"""

import io
import multiprocessing
import shlex
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from honcho import manager
from honcho.manager import Manager
from honcho.printer import Message, Printer
from honcho.process import Popen

#: The process whose output is printed without its name in front.
BANNER_NAME = "banner"

#: Seconds until the supervisor tries a stop again that came while processes were starting.
_RETRY_PAUSE = 0.05

#: Seconds after SIGTERM until a process is killed. honcho's 5 are too few on a loaded machine, and a
#: killed worker leaves folders behind.
_KILL_WAIT = 20


class Supervisor(Manager):  # type: ignore[misc]  # honcho has no types
    """Processes in sessions of their own. When one ends, or a signal comes, all are stopped.

    Attributes:
        first_exit: The name and exit status of the process that ended by itself; None if a signal came.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Make a supervisor without processes.

        Args:
            environment: The environment of all processes.
        """
        # honcho takes the default method, which since Python 3.14 needs two processes more. This process has
        # no threads when it forks.
        multiprocessing.set_start_method("fork", force=True)
        manager.KILL_WAIT = _KILL_WAIT
        super().__init__(_Printer(_unbuffered_stdout()))
        self.environment = dict(environment)
        self.first_exit: tuple[str, int] | None = None
        self._stopping = False

    def add(self, name: str, command: Sequence[str]) -> None:
        """Add a process. It starts with the loop.

        Its standard output is printed line by line with its name in front. Its standard error, the log, is
        inherited: to pass each line on would cost two processes more CPU time than many log lines are worth.
        """
        process = self.add_process(name, f"exec {shlex.join(command)}", env=self.environment)
        process._child_ctor = partial(Popen, stderr=None)

    def terminate(self) -> None:
        """Stop all processes. honcho calls this in its loop and in its signal handlers."""
        states = self._processes.items()
        if not all("pid" in state for _, state in states):
            # honcho learns a pid only when its loop reads the start event, and cannot stop a process
            # without it.
            signal.signal(signal.SIGALRM, lambda *_: self.terminate())
            signal.setitimer(signal.ITIMER_REAL, _RETRY_PAUSE)
            return
        if not self._stopping:
            self._stopping = True
            ended = ((name, state["returncode"]) for name, state in states if "returncode" in state)
            self.first_exit = next(ended, None)
        super().terminate()


class _Printer(Printer):  # type: ignore[misc]  # honcho has no types
    def write(self, message: Message) -> None:
        """Print a line of a process, with its name in front unless it is the banner."""
        self.prefix = message.name != BANNER_NAME
        # The reader of standard output may have gone. The processes must still be stopped in order.
        with suppress(OSError):
            super().write(message)


def _unbuffered_stdout() -> io.TextIOWrapper:
    # A signal handler may print while a print is in progress. Python's buffered writer raises in that case.
    raw = io.FileIO(sys.stdout.fileno(), "w", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
