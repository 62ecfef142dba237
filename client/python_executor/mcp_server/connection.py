"""A connection of an HTTP client, whose requests must begin in time."""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds within which the head of a request must have arrived.
HEAD: Final = 10.0


class Connection(H11Protocol):
    """Closes itself if the head of a request does not arrive in time.

    There are only so many connections. Without this, a client that begins 256 requests and ends none of their
    heads would keep all others out.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Take what the server passes on."""
        super().__init__(*arguments, **named)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Expect a head."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Take data, and note whether a head is complete."""
        super().data_received(data)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing more."""
        super().connection_lost(exc)
        self._stop_timer()

    def _expect_head(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._head is None:
            self._head = self.loop.call_later(HEAD, self._close)

    def _stop_timer(self) -> None:
        if self._head:
            self._head.cancel()
            self._head = None

    def _close(self) -> None:
        self._head = None
        self.transport.close()
