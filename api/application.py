"""The class of the Flask application. It leaves out the steps of a request that no route needs."""

from types import FunctionType
from typing import Any, Final

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from flask_openapi3.openapi import OpenAPI
from werkzeug.routing import MapAdapter

#: The longest host that certainly has no part that is too long.
_HOST_MAX: Final = 63


class Application(OpenAPI):
    """The application. A view may return a function, which makes the answer.

    `Routes` calls it after it has let go of the body of a request. `POST /execute` waits in such a function,
    so that a waiting request holds no script and no input.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = _NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return the adapter that finds the route of a request.

        Flask reads the host first, but no route depends on it.
        """
        if request is None or _is_unusual(request):
            return super().create_url_adapter(request)
        path = request.environ["PATH_INFO"].encode("latin1").decode(errors="replace")
        return self.url_map.bind("", path_info=path, default_method=request.method)

    def dispatch_request(self) -> Any:
        """Return the answer of the view."""
        answer = super().dispatch_request()
        return answer() if isinstance(answer, FunctionType) else answer


class _NoSessions(SessionInterface):
    """Gives all requests the same session, which is empty and cannot change."""

    def __init__(self) -> None:
        self._session = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:  # noqa: ARG002
        """Return the session."""
        return self._session


def _is_unusual(request: Request) -> bool:
    """Return whether Werkzeug may refuse the host of a request, or its change to another protocol."""
    host = request.environ.get("HTTP_HOST", "")
    return len(host) > _HOST_MAX or ".." in host or host.startswith(".") or "HTTP_UPGRADE" in request.environ
