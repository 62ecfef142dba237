"""The events of a job, read by a thread, so that the main thread can take signals and show the progress."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Final

from python_executor.events import Done, Event, Output, Restarted, StatusChanged
from python_executor.execution import Execution, Status
from python_executor.pyexec.display import Display

#: Events that wait to be written. A program that reads the output slowly must not fill the memory.
_BUFFERED: Final = 16

#: Seconds without an event after which the progress is shown again.
_SILENCE: Final = 1.0


@dataclass
class _End:
    """The stream ended; with an error, unless the last event was `Done`."""

    error: Exception | None


@dataclass
class Following:
    """A job that is followed.

    Attributes:
        display: Where its output goes.
        url: The service.
        quiet: Whether its output is not shown.
        job_id: The job, empty until the service has named it.
        status: Its status, None until the service has said it.
    """

    display: Display
    url: str
    quiet: bool
    job_id: str = ""
    status: Status | None = None

    def follow(self, events: Iterator[Event]) -> Execution:
        """Show what happens until the job has ended.

        Raises:
            PythonExecutorError: As the iterator does.
            OSError: The output cannot be written.
        """
        began = time.monotonic()
        for event in _read(events):
            match event:
                case None:
                    self._show_progress(int(time.monotonic() - began))
                case StatusChanged():
                    self.job_id, self.status = event.job_id, event.status
                    if self.status is Status.RUNNING:
                        self.display.progress("")
                case Output():
                    if not self.quiet:
                        self.display.script(event.stream, event.text)
                case Restarted():
                    self._say_restarted()
                case Done():
                    self.display.progress("")
                    self.job_id, self.status = event.execution.id, event.execution.status
                    return event.execution
        raise AssertionError("a stream ends with Done or an error")

    def _show_progress(self, seconds: int) -> None:
        if self.status is None:
            self.display.progress(f"waiting for {self.url}, {seconds} s")
        elif self.status is Status.QUEUED:
            self.display.progress(f"job {self.job_id} is queued, {seconds} s")

    def _say_restarted(self) -> None:
        self.status = None if self.status is None else Status.QUEUED
        void = "" if self.quiet else "; the output so far is void"
        self.display.message(f"the worker or the sandbox failed, and the job runs again{void}")


def _read(events: Iterator[Event]) -> Iterator[Event | None]:
    """Yield the events, and None after each second without one."""
    queue: Queue[Event | _End] = Queue(_BUFFERED)
    # A daemon, because nothing can end it while it waits for the network.
    Thread(target=_pass_on, args=(events, queue), name="events", daemon=True).start()
    while True:
        try:
            item = queue.get(timeout=_SILENCE)
        except Empty:
            yield None
            continue
        if isinstance(item, _End):
            if item.error:
                raise item.error
            return
        yield item


def _pass_on(events: Iterator[Event], queue: "Queue[Event | _End]") -> None:
    error: Exception | None = None
    try:
        for event in events:
            queue.put(event)
    except Exception as raised:  # noqa: BLE001  # the main thread raises it
        error = raised
    queue.put(_End(error))
