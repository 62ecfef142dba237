"""What the programs in this folder share. Each uses one MCP client, and prints as JSON what that client shows.

They run in the environment requirements/clients/agents.lock, with the URL of an MCP server as argument.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from python_executor import AsyncClient

QUESTION = "What is 40 + 2?"

#: Prints in two steps, and leaves a picture of one pixel.
PICTURE = """
import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
pixel = zlib.compress(b"\\0\\xff\\0\\0")
with open("pixel.png", "wb") as file:
    file.write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b""))
print("drawn", flush=True)
"""

FOREVER = {"code": "while True: pass", "timeout": 30}

#: The command of a server on standard input and output, and the environment variables that it needs.
COMMAND = ("pyexec", "mcp")
VARIABLES = {name: os.environ[name] for name in ("PATH", "PYTHON_EXECUTOR_URL", "PYTHON_EXECUTOR_KEY")}
HEADERS = {"Authorization": f"Bearer {os.environ['PYTHON_EXECUTOR_KEY']}"}


async def cancel(call: Callable[[], Awaitable[Any]]) -> str:
    """Make a call that runs a script for ever, and cancel it; return how it ended."""
    task = asyncio.ensure_future(call())
    async with AsyncClient() as client:
        while not task.done() and not [job async for job in client.list("running")]:
            await asyncio.sleep(0.05)
    task.cancel()
    try:
        return repr(await task)
    except asyncio.CancelledError:
        return "cancelled"


def observe(stdio: Callable[[], Awaitable[Any]], http: Callable[[str], Awaitable[Any]]) -> None:
    """Print what a client shows of a server over each transport."""

    async def both() -> dict[str, Any]:
        return {"stdio": await stdio(), "http": await http(sys.argv[1])}

    print(json.dumps(asyncio.run(both())))
