"""Connections to Redis on which requests wait for their jobs, each on one of its own.

A thread that waits at a list by itself is woken by Redis. Another one that did so for all would have to wake
it in turn, and the two would contend for the interpreter at each job.
"""

import logging
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from redis import RedisError
from redis.connection import ConnectionInterface

from config.redis import connect
from store.record import Record
from store.wake import Wake

_log: Final = logging.getLogger(__name__)

#: Seconds after which whoever waits should look for itself. Less than a connection waits for any answer.
_BLOCK: Final = 2.0

#: Seconds a connection may lie unused before it is asked whether it still stands.
_TRUSTED: Final = 1.0

#: How many connections are kept for the next requests.
_SPARE: Final = 16


class Line:
    """One wait: for the wake-up that arrives on the list `reply`, for so many seconds at most."""

    def __init__(self, connection: ConnectionInterface, reply: str, seconds: float) -> None:
        """Wait on `connection`."""
        self._connection: Any = connection
        self.reply = reply
        self._deadline = time.monotonic() + seconds
        # Whether Redis has been told to wait, and has not answered that yet.
        self.waits = False

    @property
    def left(self) -> float:
        """Seconds until the wait is over."""
        return self._deadline - time.monotonic()

    def evalsha(self, *arguments: Any) -> Any:
        """Run a script, and wait by what it does: both commands are sent at once."""
        connection = self._connection
        connection.send_packed_command(connection.pack_commands([("EVALSHA", *arguments), self._blpop()]))
        self.waits = True
        return connection.read_response()

    def script_load(self, text: str) -> Any:
        """Make a script known."""
        self.drop()
        self._connection.send_command("SCRIPT", "LOAD", text)
        return self._connection.read_response()

    def wake(self) -> Record | None:
        """Wait for the wake-up and return the record it tells of.

        None where none came for two seconds or until the wait is over, where it tells of none, or where the
        connection broke: the record itself says more.
        """
        try:
            if not self.waits:
                if self.left <= 0:
                    return None
                self._connection.send_command(*self._blpop())
                self.waits = True
            popped = self._connection.read_response()
        except RedisError as error:
            _log.warning("no wake-up while Redis is away: %s", error)
            self.drop()
            return None
        self.waits = False
        return _told(popped[1]) if popped else None

    def drop(self) -> None:
        """Give the connection up, and with it what it waits for; it is made anew where it is needed."""
        self._connection.disconnect()
        self.waits = False

    def _blpop(self) -> tuple[str, str, float]:
        # Zero would be for ever.
        return "BLPOP", self.reply, max(0.01, min(_BLOCK, self.left))


class Lines:
    """The connections of one process."""

    def __init__(self, url: str) -> None:
        """Connect to the Redis at `url`, once someone waits."""
        self._pool = connect(url).connection_pool
        # Each with when it was last used; the latest is used again. Adding and taking one is atomic.
        self._spare: deque[tuple[Any, float]] = deque()

    @contextmanager
    def line(self, reply: str, seconds: float) -> Iterator[Line]:
        """Yield a line on which to wait at the list `reply`, for so many seconds at most."""
        connection = self._take()
        line = Line(connection, reply, seconds)
        try:
            yield line
        finally:
            if line.waits:
                line.drop()
            if len(self._spare) < _SPARE:
                self._spare.append((connection, time.monotonic()))
            else:
                connection.disconnect()

    def close(self) -> None:
        """Close the connections nobody waits on."""
        while self._spare:
            self._spare.pop()[0].disconnect()

    def _take(self) -> Any:
        try:
            connection, used = self._spare.pop()
        except IndexError:
            return self._pool.make_connection()
        if time.monotonic() - used > _TRUSTED:
            try:
                stands = not connection.can_read(0)
            except RedisError:
                stands = False
            if not stands:
                connection.disconnect()
        return connection


def _told(text: str) -> Record | None:
    try:
        return Wake.from_list(text).record
    except Exception as error:  # noqa: BLE001 -- of a worker of another version
        _log.warning("a wake-up says nothing: %s", error)
        return None
