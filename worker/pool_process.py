"""The tie between a pool process and the worker it belongs to."""

import ctypes
import os
import signal
from typing import Final

from billiard import pool

_PR_SET_PDEATHSIG: Final = 1

#: Tenths of a second, for which a process that ends waits until the worker has read what it said.
_READ_WITHIN: Final = 10


def die_with(parent: int) -> None:
    """Have this process, a child of `parent`, killed when that one dies.

    Its jails die with it in turn, so the job it ran runs again on another worker and not also here.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # It died before that.


def end_promptly() -> None:
    """Have this process end soon when it is told to.

    Billiard makes it wait until the worker has read its every message, for half a minute. A worker that stops
    may have forgotten that it is owed one, and what it is owed says nothing that counts.
    """
    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = _READ_WITHIN
