"""The messages of a client on standard input."""

from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

import anyio

T = TypeVar("T")


class _Receiving(Protocol[T]):  # type: ignore[misc]  # a message is only received
    async def receive(self) -> T: ...
    async def aclose(self) -> None: ...


class _Sending(Protocol):
    async def aclose(self) -> None: ...


class Incoming(Generic[T]):
    """Messages until the client closes standard input. From then on nothing is sent.

    Without this the SDK answers the calls that still run with an error. The SDK's previous major version
    takes an answer after it has left for a fault of its own, and raises.
    """

    def __init__(self, messages: _Receiving[T], answers: _Sending) -> None:
        """Take the stream of messages, and the stream to close after the last one."""
        self._messages, self._answers = messages, answers

    async def receive(self) -> T:
        """Return the next message. Raises EndOfStream after the last one."""
        try:
            return await self._messages.receive()
        except anyio.EndOfStream:
            await self._answers.aclose()
            raise

    async def aclose(self) -> None:
        """Close the stream of messages."""
        await self._messages.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.aclose()
