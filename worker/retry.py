"""Ask Redis again, for a while, when it does not answer."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from redis import RedisError

_log = logging.getLogger(__name__)

#: Seconds between the first two tries, and the most between two.
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0

_T = TypeVar("_T")


def retry(
    ask: Callable[[], _T], *, within: float, given_up: Callable[[RedisError], bool] = lambda _: False
) -> _T:
    """Return what `ask` returns, once it does not raise redis.RedisError.

    Raises its last error after `within` seconds, or as soon as `given_up` says so of it.
    """
    deadline, pause, bell = time.monotonic() + within, _FIRST_PAUSE, threading.Event()
    while True:
        try:
            return ask()
        except RedisError as error:
            if time.monotonic() + pause > deadline or given_up(error):
                raise
            _log.debug("asking Redis again in %g s: %s", pause, error)
        bell.wait(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
