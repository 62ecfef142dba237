"""Our errors, and the one table from error to answer.

    ApiError
      InvalidRequest           the body, a header or the query is not what it must be
      UnsupportedMediaType     the body does not claim to be JSON
      UnknownJob               there is no such job, or no longer
      Unavailable              Redis or the workers are away

From elsewhere come sandbox.validation.Rejection, SandboxFailure, records.submit.IdempotencyConflict,
redis.RedisError and Werkzeug's HTTPException. Anything else is a fault of ours, logged, and told apart by
nothing but its status.
"""

import logging
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, jsonify
from redis import RedisError
from werkzeug.exceptions import HTTPException

from records.submit import IdempotencyConflict
from sandbox.errors import SandboxFailure
from sandbox.limits import REQUEST_BYTES
from sandbox.validation import Rejection

_log = logging.getLogger(__name__)

#: Seconds after which a client may try again what failed because something was away.
RETRY_AFTER: Final = 2


class ApiError(Exception):
    """An error with a message for the client; field is the part of the request it is about."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidRequest(ApiError):
    """The body, a header or the query is not what it must be."""


class UnsupportedMediaType(ApiError):
    """The body does not claim to be JSON."""


class UnknownJob(ApiError):
    """There is no such job, or no longer."""


class Unavailable(ApiError):
    """Redis or the workers are away."""


_TABLE: Final[dict[type[Exception], tuple[HTTPStatus, str]]] = {
    InvalidRequest: (HTTPStatus.BAD_REQUEST, "invalid_request"),
    UnsupportedMediaType: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    UnknownJob: (HTTPStatus.NOT_FOUND, "not_found"),
    IdempotencyConflict: (HTTPStatus.CONFLICT, "conflict"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    RedisError: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    SandboxFailure: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    Exception: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}

#: What we say where the exception's own text is not for the client.
_MESSAGES: Final[dict[type[Exception], str]] = {
    IdempotencyConflict: "this Idempotency-Key was used for another job",
    RedisError: "Redis does not answer",
    SandboxFailure: "the script could not be checked now",
    Exception: "the service failed; this is not the request's fault",
}

#: The same for the errors Flask raises: (type, message).
_HTTP: Final[dict[int, tuple[str, str]]] = {
    400: ("invalid_request", "the request is malformed"),
    404: ("not_found", "there is nothing at this path"),
    405: ("method_not_allowed", "this path does not take this method; the header Allow lists those it takes"),
    413: ("too_large", f"the body is larger than {REQUEST_BYTES} bytes"),
}


def register(app: Flask) -> None:
    """Make every error of `app` an answer of the one shape."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Return the answer for `error`."""
    if isinstance(error, HTTPException):
        return _of_flask(error)
    if isinstance(error, Rejection):
        return _response(
            HTTPStatus.BAD_REQUEST, error.type, error.message, _details(error, "line", "column", "name")
        )
    kind = next(kind for kind in type(error).__mro__ if kind in _TABLE)
    status, name = _TABLE[kind]
    if kind is not Unavailable and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s: %s", name, error, exc_info=error if kind is Exception else None)
    return _response(status, name, _MESSAGES.get(kind) or str(error), _details(error, "field"))


def _of_flask(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    name, message = _HTTP.get(status, (status.name.lower(), status.phrase))
    response = _response(status, name, message, {})
    # A 405 carries Allow.
    response.headers.extend((key, value) for key, value in error.get_headers() if key != "Content-Type")
    return response


def _details(error: Exception, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(error, name, None)) is not None}


def _response(status: HTTPStatus, name: str, message: str, more: dict[str, Any]) -> Response:
    response = jsonify(error={"type": name, "message": message, **more})
    response.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
