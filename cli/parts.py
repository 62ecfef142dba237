"""The processes that run side by side, until one of them ends."""

import ctypes
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Final

_PR_SET_PDEATHSIG: Final = 1

#: Seconds a part has to end after its signal; then it is killed.
_STOP_WITHIN: Final = 5.0


class Part:
    """A process in a session of its own, where no Ctrl-C reaches it. Told to stop when this one is killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes] | None = None,
    ) -> None:
        """Start it. output: where it writes to, None for where this process does."""
        self.name = name
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_stopped_with(os.getpid()),  # noqa: PLW1509 -- there is no thread
        )
        self.ended = os.pidfd_open(self.process.pid)

    def signal(self, number: int) -> None:
        """Send a signal to the part and all it has started in its group."""
        # Until it is waited for, its id is nobody else's.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def close(self) -> None:
        """Kill what is left of it."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.ended)


class PartEnded(Exception):
    """A part has ended by itself."""

    def __init__(self, part: Part) -> None:
        """Say which, and how."""
        status = part.process.poll() or 0
        said = f"exit status {status}" if status >= 0 else signal.Signals(-status).name
        super().__init__(f"{part.name} ended ({said})")


@contextmanager
def side_by_side(parts: Iterable[Callable[[], Part]]) -> Iterator[list[Part]]:
    """Start the parts; stop them all at the end, together."""
    started: list[Part] = []
    try:
        for start in parts:
            started.append(start())  # noqa: PERF401 -- of those before one that fails, all are stopped
        yield started
    finally:
        for part in started:
            part.signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_WITHIN
        for part in started:
            select.select([part.ended], [], [], max(0.0, deadline - time.monotonic()))
            part.close()


def watch(parts: Sequence[Part], seconds: float | None = None) -> None:
    """Return after so many seconds, or never; raise PartEnded as soon as a part has ended."""
    ended = select.select([part.ended for part in parts], [], [], seconds)[0]
    for part in parts:
        if part.ended in ended:
            raise PartEnded(part)


def _stopped_with(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # It died before that.

    return ask
