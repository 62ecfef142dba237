"""Starts the server, over standard input and output or over HTTP."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any, Final

import anyio
import uvicorn
from mcp.server.stdio import stdio_server

from python_executor.mcp_server import http
from python_executor.mcp_server.server import ExecutorServer
from python_executor.settings import Settings

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8090

#: Connections at a time.
_CONNECTIONS: Final = 512

#: Seconds that a server which stops waits for its connections, after the scripts are cancelled.
_STOPPING: Final = 1


def serve_stdio(url: str | None = None, *, structured: bool = True) -> None:
    """Serve the parent process until it closes standard input, or a signal comes.

    Args:
        url: The URL of the service, None for the variable PYTHON_EXECUTOR_URL or its default. The key is in
            the variable PYTHON_EXECUTOR_KEY.
        structured: Whether results have structured content besides text and images.

    Raises:
        ValueError: A setting is wrong.
    """
    _log_to_stderr()
    settings = Settings.make(url, None, 1.0)
    server = ExecutorServer(settings.url, lambda _: settings.key, structured=structured)
    anyio.run(_serve_stdio, server)


def serve_http(
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    url: str | None = None,
    allowed_hosts: Sequence[str] = (),
    structured: bool = True,
) -> None:
    """Serve HTTP clients until a signal comes.

    The key of this process, PYTHON_EXECUTOR_KEY, is for no caller: every request carries the key of its
    caller.

    Args:
        host: The address to listen on.
        port: The port, 0 for a free one.
        url: As for `serve_stdio`.
        allowed_hosts: The names by which clients call this server, besides those of the loopback.
        structured: As for `serve_stdio`.

    Raises:
        ValueError: A setting is wrong.
    """
    _log_to_stderr()
    settings = Settings.make(url, "", 1.0)
    server = ExecutorServer(settings.url, http.find_key, structured=structured)
    config = uvicorn.Config(
        http.make_app(server, allowed_hosts),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_STOPPING,
    )
    _HttpServer(config, server).run()


class _HttpServer(uvicorn.Server):
    """A server that cancels the running scripts when it is told to stop."""

    def __init__(self, config: uvicorn.Config, server: ExecutorServer) -> None:
        super().__init__(config)
        self._server = server

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        for one in self.servers:
            for socket in one.sockets:
                host, port = socket.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                print(f"MCP server at http://{shown}:{port}{http.PATH}", file=sys.stderr, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._server.calls.stop()
        super().handle_exit(sig, frame)


async def _serve_stdio(server: ExecutorServer) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_exit_on_signal, server)
        async with stdio_server() as (read, write):
            await server.mcp.run(read, write, server.mcp.create_initialization_options())
        group.cancel_scope.cancel()


async def _exit_on_signal(server: ExecutorServer) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for signum in signals:
            server.calls.stop()
            while server.calls.count:
                await anyio.sleep(0.02)
            # A thread waits for standard input, and nothing can wake it.
            os._exit(128 + signum)


def _log_to_stderr() -> None:
    # Standard output is the protocol. Below WARNING the libraries log messages, which contain scripts.
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
