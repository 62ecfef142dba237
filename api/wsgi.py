"""A request as the application sees it, and the head of its answer (PEP 3333).

gunicorn makes both too, for any application on any kind of server. This one has no proxy that it trusts, no
path prefix and no other protocol, so it needs less.

`api.server` imports this module before gevent's patches, so this module must not import Flask or Redis.
"""

import sys
import time
from email.utils import formatdate
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from gunicorn.http.wsgi import Response

from api.connection import Connection

#: The variables of all requests. Other processes and greenlets may call the application at the same time.
_CONSTANTS: Final = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
    "SCRIPT_NAME": "",
}


def make_environ(request: Any, connection: Connection, client: Any, server: Any) -> dict[str, Any]:
    """Return the environ of a request.

    Args:
        request: gunicorn's request.
        connection: The connection to the client.
        client: The address of the client.
        server: The address at which the server listens.
    """
    environ = {
        **_CONSTANTS,
        "wsgi.errors": sys.stderr,
        "wsgi.input": request.body,
        "wsgi.url_scheme": request.scheme,
        "gunicorn.socket": connection,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": request.uri,
        "SERVER_PROTOCOL": "HTTP/{}.{}".format(*request.version),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
    }
    repeated: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name in {"CONTENT-TYPE", "CONTENT-LENGTH"}:
            environ[name.replace("-", "_")] = value
            continue
        variable = "HTTP_" + name.replace("-", "_")
        if variable in environ:
            repeated.setdefault(variable, [environ[variable]]).append(value)
        else:
            environ[variable] = value
    for variable, values in repeated.items():
        environ[variable] = ",".join(values)
    return environ


class Answer(Response):  # type: ignore[misc]
    """gunicorn's writer of an answer, which formats the date once a second."""

    _date: tuple[int, str] = (0, "")

    def default_headers(self) -> list[str]:
        """Return the status line and the headers of every answer."""
        now = int(time.time())
        if Answer._date[0] != now:
            Answer._date = now, formatdate(now, usegmt=True)
        headers = [
            "HTTP/{}.{} {}\r\n".format(*self.req.version, self.status),
            f"Server: {self.version}\r\n",
            f"Date: {Answer._date[1]}\r\n",
            f"Connection: {'close' if self.should_close() else 'keep-alive'}\r\n",
        ]
        if self.chunked:
            headers.append("Transfer-Encoding: chunked\r\n")
        return headers
