"""The client of the current request. Without a server, as in tests, it always waits and holds nothing."""

from flask import request

from api.connection import Connection


def connection() -> Connection | None:
    """Return the connection to the client."""
    found: Connection | None = request.environ.get("gunicorn.socket")
    return found


def has_left() -> bool:
    """Return whether the client has closed the connection."""
    client = connection()
    return client is not None and client.has_left()
