"""One log line and one count for each request."""

import logging
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, g, request

from api import caller
from api.metrics import Metrics
from config.logging import about

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
        seconds = time.perf_counter() - g.began
        # What a client may make up is not counted by its name: there would be no end of names.
        method = request.method if request.method in _METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.count(method, route, response.status_code, seconds)
        # Whoever asks for health asks every few seconds.
        level = logging.DEBUG if route.startswith("/health/") or route == "/metrics" else logging.INFO
        with _job():
            _log.log(
                level,
                "request",
                extra={
                    "method": method,
                    "path": quote(request.path[:_PATH_SHOWN]),
                    "status": response.status_code,
                    "ms": round(seconds * 1000, 1),
                    "key": caller.owner(),
                },
            )
        return response


def concerns(job_id: str) -> None:
    """Say which job the request in hand is about; its line will name it."""
    g.job_id = job_id


def _job() -> AbstractContextManager[Any]:
    named = (request.view_args or {}).get("job_id") or g.get("job_id")
    return about(quote(named[:_PATH_SHOWN])) if named else nullcontext()
