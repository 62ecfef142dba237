"""The MCP server of the client, as a program, and the clients of the official SDK."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from tests.support.process import running
from tests.support.service import Service
from tests.support.wait import eventually

COMMAND: Final = [str(Path(sys.executable).with_name("pyexec")), "mcp"]

#: A script that is in the middle of its work until it is cancelled.
LONG: Final = "import time\nprint('begun', flush=True)\ntime.sleep(25)"

_WHERE: Final = re.compile(r"MCP server at (\S+)")


@dataclass(frozen=True)
class McpServer:
    """A server over HTTP.

    Attributes:
        url: The URL of the server.
        process: Its process.
        log: The file with what it printed.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path


def environment(service_url: object, key: str = "") -> dict[str, str]:
    """Return the environment of a server in front of a service."""
    return {"PATH": os.environ["PATH"], "PYTHON_EXECUTOR_URL": str(service_url), "PYTHON_EXECUTOR_KEY": key}


@contextmanager
def http_server(service_url: object, *arguments: str, key: str = "") -> Iterator[McpServer]:
    """Start a server over HTTP on a free port; yield it once it listens."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with (
            log.open("wb") as output,
            running(
                [*COMMAND, "--http", "--port", "0", *arguments], environment(service_url, key), output
            ) as process,
        ):
            url = eventually(lambda: _find_url(log), within=30, what="the server listens")
            yield McpServer(url, process, log)


@asynccontextmanager
async def stdio(
    service_url: object, *arguments: str, key: str = "", mode: str = "auto"
) -> AsyncIterator[Client]:
    """Start a server on standard input and output; yield a client of it."""
    parameters = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], *arguments], env=environment(service_url, key)
    )
    async with Client(stdio_client(parameters), mode=mode) as client:
        yield client


@asynccontextmanager
async def over_http(server: McpServer, key: str = "", mode: str = "auto") -> AsyncIterator[Client]:
    """Yield a client of a server over HTTP, which sends a key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
        Client(streamable_http_client(server.url, http_client=http), mode=mode) as client,
    ):
        yield client


async def run_python(client: Client, code: str, **arguments: Any) -> CallToolResult:
    """Call the tool."""
    return await client.call_tool("run_python", {"code": code, **arguments})


def texts(result: CallToolResult) -> list[str]:
    """Return the blocks of text of a result."""
    return [block.text for block in result.content if isinstance(block, TextContent)]


def jobs(service: Service, *statuses: str, key: str = "") -> list[dict[str, Any]]:
    """Return the jobs of a key with one of some statuses."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = service.client.get("/jobs", params={"status": ",".join(statuses)}, headers=headers)
    found: list[dict[str, Any]] = answer.json()["jobs"]
    return found


def _find_url(log: Path) -> str:
    found = _WHERE.search(log.read_text())
    return found[1] if found else ""
