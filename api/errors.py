"""Our errors, and the one table from error to answer.

    ApiError
      InvalidRequest           the body, a header or the query is not what it must be
      InvalidScript            one script of a list will not be run
      UnsupportedMediaType     the body does not claim to be JSON
      Unauthorized             there is no API key with the request, or a wrong one
      UnknownJob               there is no such job, or no longer
      Unavailable              Redis or the workers are away

From elsewhere come validation.script.Rejection, CheckFailure, store.errors.RecordError,
redis.RedisError and Werkzeug's HTTPException. Anything else is a fault of ours, logged, and told apart by
nothing but its status.
"""

import logging
import math
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, jsonify, request
from redis import RedisError
from werkzeug.exceptions import HTTPException

from api.refusal import RETRY_AFTER
from jobs.limits import REQUEST_BYTES
from store.errors import AlreadyFinal, BadCursor, IdempotencyConflict, QueueFull, RateLimited
from validation.rejection import CheckFailure
from validation.script import Rejection

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """An error with a message for the client; field is the part of the request it is about."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidRequest(ApiError):
    """The body, a header or the query is not what it must be."""


class InvalidScript(ApiError):
    """One script of a list will not be run; rejection says why."""

    def __init__(self, rejection: Rejection, *, field: str) -> None:
        super().__init__(rejection.message, field=field)
        self.rejection = rejection


class UnsupportedMediaType(ApiError):
    """The body does not claim to be JSON."""


class Unauthorized(ApiError):
    """There is no API key with the request, or a wrong one."""


class UnknownJob(ApiError):
    """There is no such job, or no longer."""


class Unavailable(ApiError):
    """Redis or the workers are away."""


_TABLE: Final[dict[type[Exception], tuple[HTTPStatus, str]]] = {
    InvalidRequest: (HTTPStatus.BAD_REQUEST, "invalid_request"),
    UnsupportedMediaType: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    BadCursor: (HTTPStatus.BAD_REQUEST, "invalid_request"),
    Unauthorized: (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    UnknownJob: (HTTPStatus.NOT_FOUND, "not_found"),
    IdempotencyConflict: (HTTPStatus.CONFLICT, "conflict"),
    AlreadyFinal: (HTTPStatus.CONFLICT, "already_final"),
    RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    QueueFull: (HTTPStatus.TOO_MANY_REQUESTS, "queue_full"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    RedisError: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    CheckFailure: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    Exception: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}

#: What we say where the exception's own text is not for the client.
_MESSAGES: Final[dict[type[Exception], str]] = {
    BadCursor: "cursor: is none that this service has given out",
    IdempotencyConflict: "this Idempotency-Key was used for another submission",
    RedisError: "Redis does not answer",
    CheckFailure: "the script could not be checked now",
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
        return _of_rejection(error)
    if isinstance(error, InvalidScript):
        return _of_rejection(error.rejection, field=error.field)
    kind = next(kind for kind in type(error).__mro__ if kind in _TABLE)
    status, name = _TABLE[kind]
    if kind is not Unavailable and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Whoever asks for health asks every few seconds.
        level = logging.DEBUG if request and request.path.startswith("/health/") else logging.ERROR
        _log.log(level, "%s: %s", name, error, exc_info=error if kind is Exception else None)
    details = {"field": "cursor"} if kind is BadCursor else _details(error, "field")
    response = _response(status, name, _MESSAGES.get(kind) or str(error), details)
    if isinstance(error, AlreadyFinal):
        response.set_data(jsonify(error.record.to_public() | response.get_json()).data)
    if isinstance(error, RateLimited | QueueFull):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if kind is Unauthorized:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _of_rejection(rejection: Rejection, **more: Any) -> Response:
    details = _details(rejection, "line", "column", "name")
    return _response(HTTPStatus.BAD_REQUEST, rejection.type, rejection.message, details | more)


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
