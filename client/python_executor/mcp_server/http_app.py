"""The ASGI application for Streamable HTTP: it finds the API key of each caller."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from python_executor.mcp_server.admission import BODY, Admission
from python_executor.mcp_server.server import Context, ExecutorServer

#: The path of the server.
PATH: Final = "/mcp"

#: Sessions of clients of older revisions, and seconds after which one without a request ends.
SESSIONS: Final = 1_000
IDLE: Final = 600.0

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


def find_key(context: Context) -> str:
    """Return the API key that a request carries, empty if it has none."""
    user = context.request.scope.get("user") if context.request else None
    return user.access_token.token if isinstance(user, AuthenticatedUser) else ""


def make_app(server: ExecutorServer, host: str, allowed_hosts: Sequence[str]) -> ASGIApp:
    """Return the application.

    Args:
        server: The server.
        host: The address that it listens on.
        allowed_hosts: Names in the header `Host` besides this address and the names of the loopback, each
            `NAME` or `NAME:PORT`.
    """
    hosts = [*_LOOPBACK, f"[{host}]" if ":" in host else host, *allowed_hosts]
    hosts += [f"{host}:*" for host in hosts if ":" not in host.rpartition("]")[2]]
    app = server.mcp.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=BODY,
        session_idle_timeout=IDLE,
        max_sessions=SESSIONS,
        # A web page could otherwise give its own name the address of this server.
        transport_security=TransportSecuritySettings(
            allowed_hosts=hosts,
            allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts],
        ),
    )
    return Caller(Admission(app))


class Caller:
    """Names the caller of each request by its API key.

    The sessions of the SDK belong to a caller: a request with the id of another caller's session is 404. The
    service checks the key, with every call.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http":
            values = Headers(scope=scope).getlist("authorization")
            if len(values) > 1 or any(not value.lower().startswith("bearer ") for value in values):
                response = PlainTextResponse("Authorization must be: Bearer KEY", status_code=400)
                await response(scope, receive, send)
                return
            key = values[0][len("bearer ") :].strip() if values else ""
            if key:
                owner = sha256(key.encode()).hexdigest()
                scope["user"] = AuthenticatedUser(AccessToken(token=key, client_id=owner, scopes=[]))
        await self._app(scope, receive, send)
