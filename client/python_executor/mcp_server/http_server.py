"""The HTTP server: connections, and how it stops."""

import asyncio
import sys
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from python_executor.mcp_server.connection import Connection
from python_executor.mcp_server.http_app import PATH
from python_executor.mcp_server.server import ExecutorServer

#: Connections at a time.
_CONNECTIONS: Final = 256

#: Seconds that a server which stops waits for its connections. Its scripts are cancelled before.
_STOPPING: Final = 1


class HttpServer(uvicorn.Server):
    """A server that cancels the running scripts when it is told to stop."""

    def __init__(self, server: ExecutorServer, app: ASGIApp, host: str, port: int) -> None:
        """Prepare to listen.

        Args:
            server: The server whose scripts run.
            app: Its application.
            host: The address to listen on.
            port: The port, 0 for a free one.
        """
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=Connection,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_STOPPING,
        )
        super().__init__(config)
        self._server = server

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say where."""
        await super().startup(sockets)
        for one in self.servers:
            for socket in one.sockets:
                host, port = socket.getsockname()[:2]
                shown = f"[{host}]" if ":" in host else host
                print(f"MCP server at http://{shown}:{port}{PATH}", file=sys.stderr, flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        # A signal can come in the middle of any task.
        asyncio.get_running_loop().call_soon_threadsafe(self._server.calls.stop)
        super().handle_exit(sig, frame)
