"""Starts the server on standard input and output, or over HTTP."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

import anyio
from mcp.server.stdio import stdio_server

from python_executor.mcp_server import http_app
from python_executor.mcp_server.exposure import check_exposure
from python_executor.mcp_server.http_server import HttpServer
from python_executor.mcp_server.incoming import Incoming
from python_executor.mcp_server.server import ExecutorServer
from python_executor.mcp_server.stderr import log_to_stderr


def serve_stdio(url: str, key: str, *, structured: bool = True) -> None:
    """Serve the parent process until it closes standard input, or a signal comes.

    Args:
        url: The URL of the service.
        key: The API key, empty for none.
        structured: Whether results have structured content besides text and images.
    """
    log_to_stderr()
    server = ExecutorServer(url, lambda _: key, structured=structured)
    anyio.run(_serve_stdio, server)


def serve_http(
    url: str,
    host: str,
    port: int,
    *,
    allowed_hosts: Sequence[str] = (),
    allow_unauthenticated: bool = False,
    structured: bool = True,
) -> None:
    """Serve HTTP clients until a signal comes.

    There is no key for all: every request carries the key of its caller.

    Args:
        url: The URL of the service.
        host: The address to listen on.
        port: The port, 0 for a free one.
        allowed_hosts: The names by which clients call this server, besides `host` and those of the loopback.
        allow_unauthenticated: Whether other machines may reach a service that needs no key.
        structured: As for `serve_stdio`.

    Raises:
        ValueError: Others could run scripts without a key.
    """
    log_to_stderr()
    check_exposure(url, host, allowed_hosts, allow_unauthenticated=allow_unauthenticated)
    server = ExecutorServer(url, http_app.find_key, structured=structured)
    # The signal that ended the server is raised again at its end.
    with suppress(KeyboardInterrupt):
        HttpServer(server, http_app.make_app(server, host, allowed_hosts), host, port).run()


async def _serve_stdio(server: ExecutorServer) -> None:
    async with anyio.create_task_group() as group:
        if sys.platform != "win32":
            # On Windows an event loop cannot wait for signals: the parent closes standard input.
            group.start_soon(_exit_on_signal, server)
        async with stdio_server() as (read, write):
            options = server.mcp.create_initialization_options()
            await server.mcp.run(Incoming(read, write), write, options)
        group.cancel_scope.cancel()


async def _exit_on_signal(server: ExecutorServer) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for signum in signals:
            server.calls.stop()
            await server.calls.wait()
            # A thread waits for standard input, and nothing can wake it.
            os._exit(128 + signum)
