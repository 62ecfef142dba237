"""Which requests over HTTP are served: how large they may be, in all and each, and how slow."""

from typing import Final

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The most bytes of a request: a little more than the 12 MB that the service takes.
BODY: Final = 13 * 2**20

#: The most bytes of all requests that are served at a time.
BODIES: Final = 128 * 2**20

#: The most bytes of a request outside of its strings. A call with 64 files has less than a tenth. A body of
#: empty lists would take 25 times its size in memory, and seconds to read.
STRUCTURE: Final = 100_000

#: Seconds within which a request must have arrived.
ARRIVAL: Final = 30.0


class Admission:
    """Refuses requests that are too large or too slow, and more than fit into memory together."""

    def __init__(self, app: ASGIApp, arrival: float = ARRIVAL) -> None:
        """Wrap an application.

        Args:
            app: The application.
            arrival: Seconds within which a request must have arrived.
        """
        self._app, self._arrival = app, arrival
        self._taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        # A body without Content-Length is counted as the largest one.
        size = int(length) if length.isascii() and length.isdigit() else BODY
        if size > BODY:
            await _refuse("The request is too large", 413)(scope, receive, send)
        elif self._taken + size > BODIES:
            await _refuse("Too many requests are being served", 503)(scope, receive, send)
        else:
            self._taken += size
            try:
                await self._serve(scope, receive, send)
            finally:
                self._taken -= size

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with anyio.fail_after(self._arrival):
                body = await _read(receive)
        except TimeoutError:
            await _refuse("The request did not arrive in time", 408)(scope, receive, send)
            return
        if body is None:
            return
        if len(body) > BODY or not is_simple(body):
            await _refuse("The request is too large", 413)(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


def is_simple(body: bytes) -> bool:
    """Whether a JSON text is made of its strings and little else."""
    if len(body) <= STRUCTURE:
        return True
    # Every quote that is left begins or ends a string.
    pieces = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"', STRUCTURE)
    return len(pieces) <= STRUCTURE and sum(map(len, pieces[::2])) <= STRUCTURE


async def _read(receive: Receive) -> bytes | None:
    """Return the body, or a little more than the most bytes of it; None if the client has gone."""
    body = bytearray()
    while len(body) <= BODY:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


def _refuse(sentence: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(sentence, status, {"Retry-After": "1"} if status == 503 else None)
