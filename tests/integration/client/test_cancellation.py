"""Calls of an `AsyncClient` that are cancelled, at every step of the event loop."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from python_executor import AsyncClient
from tests.integration.client.test_faults import END, STATUS, STREAM
from tests.support.client_steps import job
from tests.support.faulty_server import FaultyServer, closes, faulty_server, raw, says

#: More steps of the event loop than a call takes.
_MOST_STEPS = 400


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    with faulty_server() as server:
        yield server


async def _stream(client: AsyncClient) -> None:
    async with aclosing(client.stream("print(1)")) as events:
        async for _ in events:
            await anyio.sleep(0)


async def _run(client: AsyncClient) -> None:
    await client.run("print(1)")


async def _batch(client: AsyncClient) -> None:
    await client.batch(["print(1)", "print(2)"])


async def _list(client: AsyncClient) -> None:
    async with aclosing(client.list()) as executions:
        async for _ in executions:
            await anyio.sleep(0)


@pytest.mark.parametrize(
    ("call", "backend"),
    [
        *[(call, "asyncio") for call in (_run, _stream, _batch, _list)],
        # A stream holds its connection for longest, and a batch has tasks of its own.
        *[(call, "trio") for call in (_stream, _batch)],
    ],
)
def test_client_stays_usable_when_a_call_is_cancelled_at_any_step(
    server: FaultyServer, backend: str, call: Callable[[AsyncClient], Awaitable[None]]
) -> None:
    done = says(200, job("succeeded"))
    answers: dict[Any, list[Any]] = {
        _stream: [raw(STREAM + STATUS, keep=False), raw(STREAM + END)],
        _list: [says(200, {"jobs": [job()], "next": "1"}), says(200, {"jobs": [job()], "next": None})],
    }

    async def cancel_after(client: AsyncClient, steps: int) -> bool:
        """Cancel the call after so many steps; return whether it had ended before."""
        server.answer(*answers.get(call, [closes, done]))
        ended = False

        async def run() -> None:
            nonlocal ended
            await call(client)
            ended = True

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            for _ in range(steps):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        return ended

    async def main() -> None:
        async with AsyncClient(server.url) as client:
            # The server answers in another thread, so the number of steps differs from call to call.
            for steps in (*range(60), *range(60, _MOST_STEPS, 20)):
                await cancel_after(client, steps)
            server.answer(done)
            with anyio.fail_after(30):
                assert (await client.get("a")).succeeded
                await call_to_the_end(client)
        with anyio.fail_after(30):
            while server.ended < server.connections:
                await anyio.sleep(0.01)

    async def call_to_the_end(client: AsyncClient) -> None:
        server.answer(*answers.get(call, [closes, done]))
        await call(client)

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_stream_keeps_no_connection_when_its_task_is_cancelled(server: FaultyServer, backend: str) -> None:
    server.answer(raw(STREAM + STATUS))

    async def main() -> None:
        async with AsyncClient(server.url) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(_stream, client)
                with anyio.fail_after(30):
                    while not server.received:
                        await anyio.sleep(0.01)
                group.cancel_scope.cancel()
            with anyio.fail_after(30):
                while not server.ended:
                    await anyio.sleep(0.01)

    anyio.run(main, backend=backend)
