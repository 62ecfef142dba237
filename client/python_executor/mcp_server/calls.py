"""The calls that a server runs at a time: how many there may be, and how a server that stops ends them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import anyio

from python_executor.mcp_server.failure import CallFailed

#: Calls at a time, of all callers and of one.
CALLS: Final = 64
CALLS_OF_ONE: Final = 16


class RunningCalls:
    """The calls that run now."""

    def __init__(self) -> None:
        """Begin without calls."""
        self._scopes: set[anyio.CancelScope] = set()
        self._by_key: Counter[str] = Counter()
        self._stopping = False

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """Count a call of the caller with a key while the context lasts.

        Raises:
            CallFailed: There are too many calls, or the server stops.
        """
        if self._stopping:
            raise CallFailed("The server is stopping.")
        if len(self._scopes) >= CALLS or self._by_key[key] >= CALLS_OF_ONE:
            raise CallFailed("Too many scripts of this server run now; try again when one has ended.")
        self._by_key[key] += 1
        scope = anyio.CancelScope()
        self._scopes.add(scope)
        try:
            with scope:
                yield
        finally:
            self._scopes.discard(scope)
            self._by_key[key] -= 1
            if not self._by_key[key]:
                del self._by_key[key]
        if scope.cancelled_caught:
            raise CallFailed("The server is stopping; the script was cancelled.")

    def stop(self) -> None:
        """Cancel all calls, and refuse new ones."""
        self._stopping = True
        for scope in self._scopes:
            scope.cancel()

    async def wait(self) -> None:
        """Wait until no call runs."""
        while self._scopes:
            await anyio.sleep(0.02)
