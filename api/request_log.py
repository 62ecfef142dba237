"""One log line and one count for each request, made once its answer is sent."""

import logging
import time
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, g, request

from api import auth
from api.metrics import Metrics

_log: Final = logging.getLogger(__name__)

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

#: The longest part of a path that a line repeats, in characters.
_PATH_SHOWN: Final = 200


def register(app: Flask, metrics: Metrics) -> None:
    """Log and count every request to `app`."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        # What a client may make up is not counted by its name: there would be no end of names.
        method = request.method if request.method in _METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "none"
        status, began = response.status_code, g.began
        # Flask forgets the request when it has answered.
        said: dict[str, Any] = {"method": method, "path": quote(request.path[:_PATH_SHOWN]), "status": status}
        if job := (request.view_args or {}).get("job_id") or g.get("job_id"):
            said["job"] = quote(job[:_PATH_SHOWN])
        key = auth.owner()

        def tell() -> None:
            seconds = time.perf_counter() - began
            metrics.count(method, route, status, seconds)
            # Whoever asks for health asks every few seconds.
            level = logging.DEBUG if route.startswith("/health/") or route == "/metrics" else logging.INFO
            if _log.isEnabledFor(level):
                _log.log(level, "request", extra={**said, "ms": round(seconds * 1000, 1), "key": key})

        if response.direct_passthrough:
            # A file is handed to the server as it is, and nobody says when it is sent.
            tell()
        else:
            response.call_on_close(tell)
        return response


def concerns(job_id: str) -> None:
    """Say which job the request in hand is about; its line will name it."""
    g.job_id = job_id
