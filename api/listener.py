"""The one thread of a process that hears which jobs have become final."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from redis import Redis, RedisError

from config.redis import connect
from records import keys
from records.record import Record
from records.wake import Wake

_log = logging.getLogger(__name__)

#: Seconds one blocking pop lasts (the longest `close` takes), and the pause after a failed one.
_BLOCK: Final = 1.0
_PAUSE: Final = 0.5


class Waiter:
    """Someone who waits for a job. woken: set once it is final. record: what the wake-up told of it."""

    def __init__(self) -> None:
        """Wait for a wake-up."""
        self.woken = threading.Event()
        self.record: Record | None = None


class Listener:
    """Wakes those who wait for a job. Its thread starts with the first of them.

    So it lives in the process that serves requests, also where the application was made before a fork.
    """

    def __init__(self, url: str) -> None:
        """Listen at the Redis at `url`, once someone waits."""
        self._url = url
        self._lock = threading.Lock()
        self._waiters: dict[str, set[Waiter]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._pid = 0
        self.reply = ""

    @contextmanager
    def expect(self, job_id: str) -> Iterator[Waiter]:
        """Yield a waiter that is woken once the job's wake-up arrives on the list `reply`.

        A wake-up can be lost with the connection: read the record now and then.
        """
        self._ensure_started()
        waiter = Waiter()
        with self._lock:
            self._waiters.setdefault(job_id, set()).add(waiter)
        try:
            yield waiter
        finally:
            with self._lock:
                waiting = self._waiters[job_id]
                waiting.discard(waiter)
                if not waiting:
                    del self._waiters[job_id]

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread is not None and self._pid == os.getpid():
            self._thread.join()

    def _ensure_started(self) -> None:
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            # A list of its own for each process: two that pop the same one would steal each other's ids.
            self.reply = keys.reply(uuid4().hex)
            redis = connect(self._url, block=_BLOCK)
            self._thread = threading.Thread(target=self._listen, args=(redis,), name="listener", daemon=True)
            self._thread.start()
            self._pid = os.getpid()

    def _listen(self, redis: Redis) -> None:
        while not self._stop.is_set():
            try:
                popped = redis.blpop([self.reply], timeout=_BLOCK)
            except RedisError as error:
                _log.warning("no wake-ups while Redis is away: %s", error)
                self._stop.wait(_PAUSE)
                continue
            if popped:
                self._wake(popped[1])
        redis.close()

    def _wake(self, text: str | bytes) -> None:
        try:
            wake = Wake.from_list(text)
        except Exception as error:  # noqa: BLE001 -- of a worker of another version; this thread must not end
            _log.warning("a wake-up says nothing: %s", error)
            return
        with self._lock:
            for waiter in self._waiters.get(wake.job_id, ()):
                waiter.record = wake.record
                waiter.woken.set()
