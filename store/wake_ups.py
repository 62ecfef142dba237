"""Wake-ups: messages that end a request's wait when its job is final, or has new output for a follower.

The listener of each process subscribes to a Redis channel of its own, its reply channel. A script that makes
a job final publishes a wake-up on the reply channels registered for the job. So a process needs one
connection for any number of waiting requests. The end of a job wakes a process at most once, and a wake-up
without a reader leaves nothing in Redis.

A wake-up can be lost with its connection. So a waiting request also reads the record every one to two
seconds. The followers, of which there may be thousands, are woken when the listener has connected again.
"""

import json
import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import uuid4

from redis import Redis, RedisError
from redis.exceptions import TimeoutError as NoMessage

from store import keys
from store.record import Record

_log: Final = logging.getLogger(__name__)

#: Seconds that the listener waits for a wake-up, on top of the time that Redis has for an answer. Then it
#: sends a ping and checks whether it has been closed.
BLOCK: Final = 2.0

#: Seconds that a request waits until the listener has subscribed. A wake-up that was published earlier is
#: missed, which delays one answer by two seconds at most.
_SUBSCRIBE_WITHIN: Final = 0.5

#: Seconds between two attempts to subscribe while Redis does not answer.
_RETRY_EVERY: Final = 0.5

#: Seconds over which the followers are spread that are woken after a lost connection, so that they do not all
#: read at once.
_SPREAD: Final = 1.0

#: The message that ends the listener's wait when the listener is closed.
_STOP: Final = "stop"


class Waiter:
    """A request that waits for one job.

    Attributes:
        follows: Whether it is also woken at progress of the job.
    """

    def __init__(self, *, follows: bool = False) -> None:
        self.follows = follows
        self._woken = threading.Event()
        self._text = ""
        self._delay = 0.0

    def wake(self, text: str = "", *, delay: float = 0.0) -> None:
        """Receive a wake-up from the listener; the wait ends `delay` seconds later."""
        self._text, self._delay = text, delay
        self._woken.set()

    def wait_for_wake_up(self, seconds: float) -> bool:
        """Wait for a wake-up; return False if none came in time."""
        until = time.monotonic() + seconds
        if not self._woken.wait(max(0.0, seconds)):
            return False
        self._woken.clear()
        delay, self._delay = min(self._delay, until - time.monotonic()), 0.0
        if delay > 0:
            time.sleep(delay)
        return True

    def wait(self, seconds: float) -> Record | None:
        """Wait for the wake-up.

        Returns:
            The record in the wake-up. None if no wake-up came in time or if it contains no record; the caller
            then reads the record in Redis.
        """
        return record_in(self._text) if self.wait_for_wake_up(seconds) else None


class WakeUpListener:
    """Reads the reply channel of this process and wakes its waiting requests."""

    def __init__(self, redis: "Redis", blocking: "Redis") -> None:
        """Make a listener. Its thread starts with the first waiter.

        Args:
            redis: A client that decodes answers to text.
            blocking: A second such client, whose commands may block for BLOCK seconds.
        """
        self._redis, self._blocking = redis, blocking
        self.reply: Final = keys.reply(uuid4().hex)
        self._lock = threading.Lock()
        self._waiters: dict[str, list[Waiter]] = {}
        self._thread: threading.Thread | None = None
        self._subscribed = threading.Event()
        self._closed = False

    @contextmanager
    def waiter(self, job_id: str, *, follows: bool = False) -> Iterator[Waiter]:
        """Yield a waiter for a job.

        Register the reply channel for the job inside the context: an earlier wake-up would be missed.

        Args:
            job_id: The job.
            follows: Whether to wake it at progress of the job too.
        """
        waiter = Waiter(follows=follows)
        with self._lock:
            self._waiters.setdefault(job_id, []).append(waiter)
            if self._thread is None:
                # Started here, not in __init__, because a thread does not survive a fork.
                self._thread = threading.Thread(target=self._listen, name="wake-ups", daemon=True)
                self._thread.start()
        try:
            if not self._subscribed.is_set():
                self._subscribed.wait(_SUBSCRIBE_WITHIN)
            yield waiter
        finally:
            with self._lock:
                waiters = self._waiters[job_id]
                waiters.remove(waiter)
                if not waiters:
                    del self._waiters[job_id]

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        if self._thread is None:
            return
        with suppress(RedisError):
            self._redis.publish(self.reply, _STOP)
        self._thread.join(BLOCK)

    def _listen(self) -> None:
        pause, lost = threading.Event(), False
        while not self._closed:
            connection: Any = self._blocking.connection_pool.make_connection()
            try:
                connection.send_command("SUBSCRIBE", self.reply)
                self._read(connection, lost=lost)
            except (RedisError, UnicodeDecodeError) as error:
                _log.warning("no wake-ups, connecting again: %s", error)
                lost = True
                pause.wait(_RETRY_EVERY)
            finally:
                connection.disconnect()

    def _read(self, connection: Any, *, lost: bool) -> None:
        """Read messages until the listener is closed.

        Args:
            connection: The connection, on which the subscription has been sent.
            lost: Whether wake-ups may have been lost before.
        """
        while not self._closed:
            try:
                message = connection.read_response(disconnect_on_error=False, push_request=True)
            except NoMessage:
                # Without traffic the kernel would not notice that the other host has gone.
                connection.send_command("PING")
                continue
            match message:
                case ["subscribe", *_]:
                    self._subscribed.set()
                    if lost:
                        self._wake_followers()
                case ["message", _, text] if text != _STOP:
                    self._wake(text)

    def _wake(self, text: str) -> None:
        try:
            wake_up = json.loads(text)
            progress = isinstance(wake_up, dict)
            job_id = str(wake_up["progress" if progress else 0])
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            _log.warning("a wake-up names no job: %s", error)
            return
        with self._lock:
            waiters = list(self._waiters.get(job_id, ()))
        for waiter in waiters:
            if waiter.follows or not progress:
                waiter.wake(text)

    def _wake_followers(self) -> None:
        with self._lock:
            waiters = [waiter for waiters in self._waiters.values() for waiter in waiters]
        for waiter in waiters:
            if waiter.follows:
                waiter.wake(delay=random.uniform(0, _SPREAD))


def record_in(text: str) -> Record | None:
    """Return the record in a wake-up `[id, public fields]`, None for a wake-up `[id]`."""
    try:
        job_id, *fields = json.loads(text)
        # Lua turns a missing field into false.
        return (
            Record.from_fields(job_id, [value.encode() if value else None for value in fields[0]])
            if fields
            else None
        )
    except Exception as error:  # noqa: BLE001 -- another version of the service may have written it
        _log.warning("a wake-up cannot be read: %s", error)
        return None
