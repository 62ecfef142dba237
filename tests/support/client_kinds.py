"""Both clients of the library with one interface, so that one test tests both."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal

from python_executor import AsyncClient, Client

#: `Client`, and `AsyncClient` on each kind of event loop.
KINDS = ("sync", "asyncio", "trio")


class PortalClient:
    """An `AsyncClient` on an event loop in another thread, with the methods of a `Client`."""

    def __init__(self, portal: BlockingPortal, client: AsyncClient) -> None:
        self._portal, self._client = portal, client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, {"close": "aclose"}.get(name, name))
        return partial(self._call, found)

    def _call(self, function: Any, *values: Any, **named: Any) -> Any:
        async def call() -> Any:
            result = function(*values, **named)
            return await result if inspect.isawaitable(result) else result

        result = self._portal.call(call)
        return self._iterate(result) if inspect.isasyncgen(result) else result

    def _iterate(self, generator: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._portal.call(generator.__anext__)
                except StopAsyncIteration:
                    return
        finally:
            self._portal.call(generator.aclose)

    def resolve(self, value: Any) -> Any:
        """Return what an awaitable gives."""

        async def call() -> Any:
            return await value

        return self._portal.call(call)


class PlainClient(Client):
    """A `Client`."""

    @staticmethod
    def resolve(value: Any) -> Any:
        return value


@contextmanager
def open_client(kind: str, *arguments: Any, **named: Any) -> Iterator[Any]:
    """Open a client of a kind."""
    if kind == "sync":
        with PlainClient(*arguments, **named) as plain:
            yield plain
        return
    with start_blocking_portal(kind) as portal:
        client = AsyncClient(*arguments, **named)
        try:
            yield PortalClient(portal, client)
        finally:
            portal.call(client.aclose)
