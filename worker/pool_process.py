"""The end of a pool process: the kernel kills it when its worker dies, and it stops within about a second."""

import ctypes
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from billiard import pool

from worker.shutdown_state import ShutdownState

_PR_SET_PDEATHSIG: Final = 1

#: Seconds after which a process without a job looks whether the worker stops.
_LOOK_EVERY: Final = 0.1

#: Tenths of a second that an ending process waits for the worker to read its messages.
_READ_WITHIN: Final = 10


def die_with(parent: int) -> None:
    """Have the kernel kill this process, a child of `parent`, when the parent dies.

    The jails die with this process. So when another worker runs the job again, it no longer runs here.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # The parent died before the call.


@contextmanager
def ending_with(shutdown: ShutdownState) -> Iterator[None]:
    """Exit with status 0 if the worker stops while the block runs. The process must have no job.

    Its jails die with it. The worker's main process removes what they leave.
    """
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_EVERY):
            if not shutdown.accepts_jobs:
                os._exit(0)

    thread = threading.Thread(target=watch, name="ending", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def end_promptly() -> None:
    """Make this process end about a second after the pool stops it, or sooner.

    By default billiard lets it wait up to 30 s until the worker has read all its messages. A stopping worker
    may never read them. The service does not need the messages: the outcome is in Redis.
    """
    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = _READ_WITHIN
