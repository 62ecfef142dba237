"""How a pool process is tied to its worker: it dies with it and ends soon when told to."""

import ctypes
import os
import signal
from typing import Final

from billiard import pool

_PR_SET_PDEATHSIG: Final = 1

#: Tenths of a second that an ending process waits until the worker has read its messages.
_READ_WITHIN: Final = 10


def die_with(parent: int) -> None:
    """Have the kernel kill this process, a child of `parent`, when the parent dies.

    The jails die with this process in turn, so its job runs again on another worker and not here as well.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # The parent died before the call.


def end_promptly() -> None:
    """Have this process end soon when it is told to.

    billiard makes it wait up to 30 s until the worker has read its every message. A worker that stops may
    never read them, and they carry nothing: the outcome is in Redis.
    """
    pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = _READ_WITHIN
