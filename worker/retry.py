"""Retry with backoff while Redis does not answer."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from redis import RedisError

_log = logging.getLogger(__name__)

#: The first and the longest pause between two attempts, in seconds.
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0

_T = TypeVar("_T")


def retry(
    ask: Callable[[], _T], *, within: float, is_final: Callable[[RedisError], bool] = lambda _: False
) -> _T:
    """Call `ask` until it does not raise redis.RedisError, and return its value.

    Args:
        ask: The function to call.
        within: Seconds after which the last error is raised.
        is_final: Returns whether to raise an error at once.
    """
    deadline, pause = time.monotonic() + within, _FIRST_PAUSE
    while True:
        try:
            return ask()
        except RedisError as error:
            if time.monotonic() + pause > deadline or is_final(error):
                raise
            _log.debug("asking Redis again in %g s: %s", pause, error)
        threading.Event().wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
