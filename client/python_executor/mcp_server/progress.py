"""Progress of a call: the latest output of a script that runs."""

import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import anyio

from python_executor.events import Output, Restarted, StatusChanged
from python_executor.mcp_server.text import clean

T = TypeVar("T")

#: Seconds from one notification to the next.
INTERVAL: Final = 0.5

#: The most characters of a notification, and the most lines.
CHARACTERS: Final = 1_000
LINES: Final = 10

#: Sends one notification: the progress, the total if it is known, the message.
Send = Callable[[float, float | None, str | None], Awaitable[None]]


class Progress:
    """Sends the latest output at a bounded rate, however fast a script writes and a client reads.

    The progress is the seconds since the call began: nothing else is known to grow.
    """

    def __init__(self, send: Send) -> None:
        """Take the function that sends a notification."""
        self._send = send
        self._began = time.monotonic()
        self._status = ""
        self._output = ""
        self._changed = anyio.Event()

    def take(self, event: StatusChanged | Output | Restarted) -> None:
        """Take an event of the job. This never waits."""
        match event:
            case StatusChanged(status=status):
                self._status = f"The script is {status}."
            case Restarted():
                self._status, self._output = "The script runs again, because its worker failed.", ""
            case Output(text=text):
                # Older unsent output is dropped: a notification shows only the latest output.
                self._output = (self._output + text)[-CHARACTERS:]
        self._changed.set()

    async def during(self, work: Awaitable[T]) -> T:
        """Send notifications while some work goes on; return what it returns, and raise what it raises."""
        failure: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(self._send_all)
            try:
                value = await work
            except Exception as error:  # noqa: BLE001
                # Out of the group, which would wrap it.
                failure = error
            group.cancel_scope.cancel()
        if failure:
            raise failure
        return value

    async def _send_all(self) -> None:
        while True:
            await self._changed.wait()
            self._changed = anyio.Event()
            lines = clean(self._output or self._status).rstrip("\n").split("\n")[-LINES:]
            await self._send(time.monotonic() - self._began, None, "\n".join(lines)[-CHARACTERS:])
            await anyio.sleep(INTERVAL)
