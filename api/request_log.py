"""The request log: one log line and one count for each request, written after its answer has been sent."""

import logging
import time
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, g, request

from api import auth
from api.metrics import Metrics
from jobs.mode import Mode

_log: Final = logging.getLogger(__name__)

_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

#: The beginnings of the routes that probes, Prometheus and open pages ask every few seconds, or many at once.
_FREQUENT: Final = ("/health/", "/metrics", "/queue.json", "/pages/")

#: The longest part of a path in a line, in characters.
_PATH_MAX: Final = 200


def register(app: Flask, metrics: Metrics) -> None:
    """Log and count every request to `app`."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_when_sent(response: Response) -> Response:
        # A client can send any method. Unknown methods share one label, so the number of labels is bounded.
        method = request.method if request.method in _METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "none"
        status, started = response.status_code, g.started
        # Read now: Flask's request is gone when the answer has been sent.
        fields: dict[str, Any] = {
            "method": method,
            "path": quote(request.path[:_PATH_MAX]),
            "status": status,
        }
        if job := (request.view_args or {}).get("job_id") or g.get("job_id"):
            fields["job"] = quote(job[:_PATH_MAX])
        if mode := g.get("mode"):
            fields |= {"mode": mode, "environment": g.environment}
        key = auth.owner()

        def log() -> None:
            seconds = time.perf_counter() - started
            metrics.count(method, route, status, seconds)
            level = logging.DEBUG if route.startswith(_FREQUENT) else logging.INFO
            if _log.isEnabledFor(level):
                # Not `_log.log`, which walks the stack to find the caller.
                extra = {**fields, "ms": round(seconds * 1000, 1), "key": key}
                _log.handle(_log.makeRecord(_log.name, level, __file__, 0, "request", (), None, extra=extra))

        if response.direct_passthrough:
            # Werkzeug passes a file to the server unchanged, and would not call `log` after the last byte.
            log()
        else:
            response.call_on_close(log)
        return response


def set_job(job_id: str, mode: Mode, environment: str) -> None:
    """Set the job in the log line of the current request."""
    g.job_id, g.mode, g.environment = job_id, mode, environment
