"""The live output of jobs: a thread sends what their scripts write to the followers, while the scripts run.

    sandbox (thread of the job)  --bytes-->  RunOutput  --chunks-->  LiveOutput (thread)  -->  Redis

Redis never delays a job and never fails it. While Redis does not answer, the text waits; it is bounded as the
outputs are. Text that was not sent before the end of the job is dropped, because the outcome has all of it.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis import RedisError
from redis.exceptions import OutOfMemoryError

from jobs.stream import Stream
from store.job_store import JobStore
from store.progress import CHUNK_BYTES, Chunk
from worker.streamed_text import StreamedText

_log = logging.getLogger(__name__)

#: Seconds between two batches of a job. The sandbox reads an output up to 32 ms after a write, so text is
#: about 50 ms old at the most when it is sent. After each _BATCHES batches the interval doubles, so the
#: number of batches grows with the logarithm of the time: a job of a day has at most 12,500.
_INTERVAL: Final = 0.018
_BATCHES: Final = 1000

#: Seconds between two attempts while Redis does not answer.
_RETRY_EVERY: Final = 0.5

#: Seconds that `close` waits for a command that is on its way.
_CLOSE_WITHIN: Final = 1.0


class RunOutput:
    """The output of one run of a script. The sandbox calls it with the bytes; LiveOutput sends them.

    Attributes:
        run: The number of the run in Redis, None until Redis has answered.
    """

    def __init__(self, job_id: str, token: int, changed: threading.Condition) -> None:
        """Start without output.

        Args:
            job_id: The job.
            token: The token of the claim.
            changed: Is notified when there is something to send. Its lock guards the bytes.
        """
        self.run: int | None = None
        self._job_id, self._token, self._changed = job_id, token, changed
        # The bytes that no batch contains yet, by output, in the order of the first byte of each.
        self._waiting: dict[Stream, bytearray] = {}
        self._texts = {stream: StreamedText(stream) for stream in Stream}
        # The batch that has no answer yet. It is sent again unchanged.
        self._batch: list[Chunk] = []
        self._batches = 0
        self._due = 0.0
        self._stopped = False

    def __call__(self, stream: Stream, data: bytes) -> None:
        """Take bytes of an output from the sandbox."""
        with self._changed:
            was_idle = not self._waiting
            self._waiting.setdefault(stream, bytearray()).extend(data)
            if was_idle or self._is_large:
                self._changed.notify()

    @property
    def due(self) -> float | None:
        """The time at which to send, by the monotonic clock; None if there is nothing to send."""
        if self._stopped:
            return None
        if self.run is None or self._batch:
            return self._due
        if not self._waiting:
            return None
        return 0.0 if self._is_large else self._due

    def send(self, store: JobStore) -> None:
        """Begin the run in Redis, or send a batch. Raises redis.RedisError."""
        if self.run is None:
            self.run = store.begin_output(self._job_id, self._token)
            self._stopped = self.run is None
            return
        self._batch = self._batch or self._take()
        if self._batch:
            self._stopped = not store.append_output(self._job_id, self._token, self.run, self._batch)
            self._batch = []
            self._batches += 1
            self._due = time.monotonic() + interval(self._batches)

    def retry_later(self) -> None:
        """Send again when Redis may answer."""
        self._due = time.monotonic() + _RETRY_EVERY

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True

    @property
    def _is_large(self) -> bool:
        return sum(map(len, self._waiting.values())) >= CHUNK_BYTES

    def _take(self) -> list[Chunk]:
        with self._changed:
            waiting, self._waiting = self._waiting, {}
        return [chunk for stream, data in waiting.items() for chunk in self._texts[stream].take(bytes(data))]


class LiveOutput:
    """The thread of a pool process. It starts with the first job that has a stream."""

    def __init__(self, store: JobStore) -> None:
        """Start nothing yet."""
        self._store = store
        self._changed = threading.Condition()
        self._current: RunOutput | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def stream(self, job_id: str, token: int) -> Iterator[RunOutput]:
        """Send the output of one run of a script while the context lasts."""
        output = RunOutput(job_id, token, self._changed)
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="live output", daemon=True)
            self._thread.start()
        self._switch(output)
        try:
            yield output
        finally:
            self._switch(None)

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join(_CLOSE_WITHIN)

    def _switch(self, output: RunOutput | None) -> None:
        with self._changed:
            self._current = output
            self._changed.notify()

    def _loop(self) -> None:
        while output := self._next():
            try:
                output.send(self._store)
            except OutOfMemoryError:
                _log.warning("Redis is full: the rest of a job's output is not streamed")
                output.stop()
            except RedisError as error:
                _log.warning("the output of a job waits: %s", error)
                output.retry_later()
            except Exception:  # noqa: BLE001 -- the outcome has the output, and the next job is streamed again
                _log.exception("the rest of a job's output is not streamed")
                output.stop()

    def _next(self) -> RunOutput | None:
        """Wait until an output is due, and return it; return None when the thread must end."""
        with self._changed:
            while not self._closed:
                output = self._current
                due = output.due if output else None
                left = None if due is None else due - time.monotonic()
                if output and left is not None and left <= 0:
                    return output
                self._changed.wait(left)
        return None


def interval(batches: int) -> float:
    """Return the seconds between two batches of a job that has sent so many."""
    return float(_INTERVAL * 2 ** (batches // _BATCHES))
