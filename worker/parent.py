"""The tie between a pool process and the worker it belongs to."""

import ctypes
import os
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with(parent: int) -> None:
    """Have this process, a child of `parent`, killed when that one dies.

    Its jails die with it in turn, so the job it ran runs again on another worker and not also here.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # It died before that.
