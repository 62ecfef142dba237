"""Connections of HTTP clients that are slow to say what they want."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from python_executor.mcp_server import connection

#: Seconds after which a test fails.
WITHIN = 20


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(PlainTextResponse("hello"), log_config=None, lifespan="off", timeout_keep_alive=1)
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    server = await loop.create_server(lambda: connection.Connection(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


@pytest.mark.parametrize(
    "begun", [b"", b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n"], ids=["nothing", "half"]
)
@pytest.mark.parametrize("before", [0, 1])
def test_connection_is_closed_when_no_head_arrives(
    monkeypatch: pytest.MonkeyPatch, begun: bytes, before: int
) -> None:
    monkeypatch.setattr(connection, "HEAD", 0.2)

    async def answers() -> bytes:
        async with _connected() as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * before + begun)
            return await asyncio.wait_for(reader.read(), WITHIN)

    assert asyncio.run(answers()).count(b"hello") == before


def test_connection_answers_a_request_that_arrives() -> None:
    async def answer() -> bytes:
        async with _connected() as (reader, writer):
            writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\n1")
            return await asyncio.wait_for(reader.read(), WITHIN)

    assert asyncio.run(answer()).endswith(b"hello")
