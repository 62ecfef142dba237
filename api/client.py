"""The client of the current request: does it still wait for the answer?"""

from flask import request

from api.connection import Connection


def has_left() -> bool:
    """Return whether the client has closed the connection. Without a server, as in tests, it never has."""
    connection: Connection | None = request.environ.get("gunicorn.socket")
    return connection is not None and connection.hung_up()
