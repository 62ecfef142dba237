"""The errors of the API, and the one table from error to HTTP answer.

Exception
  ApiError
    InvalidRequest           400  the body, a header or the query is wrong
      UnknownEnvironment     400  no environment has the name that the request gives
      Unsupported            400  the restricted executor has no files and no artifacts
    InvalidScript            400  one script of a list is rejected
    HostNotAllowed           421  a service without keys does not answer under this host name
    UnsupportedMediaType     415  the Content-Type is not JSON
    Unauthorized             401  the API key is missing or wrong
    UnknownJob               404  the job does not exist, or has expired
    UnknownArtifact          404  the job has no such artifact, or it was dropped or has expired
    TooManyWaits             429  too many requests wait or streams are open, of the owner or of all
    TooManyChecks            429  the checks of this key's scripts have used up its share
    Unavailable              503  no worker consumes
  Refused                         (server) its own status: the body cannot be read
  Rejection                  400  (validation) a script is rejected
  CheckFailure               503  (validation) a script could not be checked
  StoreError                      (store)
    InvalidCursor            400  the cursor is not from a listing
    IdempotencyConflict      409  the idempotency key was used for another submission
    AlreadyFinal             409  the job has ended, so it cannot be cancelled
    RateLimited, QueueFull   429  the owner submits too fast, or the queue is full
    StorageFull              429  the owner's jobs take too many bytes
    Busy                     429  too many reads of large outcomes wait
  RedisError                 503  (redis) Redis does not answer
    OutOfMemoryError         503  (redis) Redis has no room for another job
  HTTPException                   (Werkzeug) its own status
  any other exception        500  a fault of the service: logged, and not shown to the client
"""

import logging
import math
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from flask import Flask, Response, jsonify, request
from redis import RedisError
from redis.exceptions import OutOfMemoryError
from werkzeug.exceptions import HTTPException

from api.public_json import job_object
from api.refusal import RETRY_AFTER, TOO_LARGE, Refused
from store.errors import (
    AlreadyFinal,
    Busy,
    IdempotencyConflict,
    InvalidCursor,
    QueueFull,
    RateLimited,
    StorageFull,
)
from validation.errors import CheckFailure, Rejection

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """An error whose message is for the client. `field` names the part of the request that is wrong."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidRequest(ApiError):
    """The body, a header or the query is wrong."""


class UnknownEnvironment(InvalidRequest):
    """No environment has the name that the request gives."""


class Unsupported(InvalidRequest):
    """The sandbox of a worker lacks a feature that the request asks for."""


class InvalidScript(ApiError):
    """One script of a list is rejected; `rejection` says why."""

    def __init__(self, rejection: Rejection, *, field: str) -> None:
        super().__init__(rejection.message, field=field)
        self.rejection = rejection


class HostNotAllowed(ApiError):
    """A service without keys does not answer under this host name."""


class UnsupportedMediaType(ApiError):
    """The Content-Type of the body is not JSON."""


class Unauthorized(ApiError):
    """The API key is missing or wrong."""


class UnknownJob(ApiError):
    """There is no such job, or no longer."""


class UnknownArtifact(ApiError):
    """There is no such artifact, or no longer."""


class TooManyWaits(ApiError):
    """Too many requests wait or streams are open, of one owner or of all.

    Attributes:
        retry_after: Seconds after which the client should try again.
    """

    retry_after: Final = 5


class TooManyChecks(ApiError):
    """The checks of one key's scripts have used up its share.

    Attributes:
        retry_after: Seconds after which the client should try again.
    """

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(ApiError):
    """No worker consumes."""


_TABLE: Final[dict[type[Exception], tuple[HTTPStatus, str]]] = {
    InvalidRequest: (HTTPStatus.BAD_REQUEST, "invalid_request"),
    UnknownEnvironment: (HTTPStatus.BAD_REQUEST, "unknown_environment"),
    Unsupported: (HTTPStatus.BAD_REQUEST, "unsupported"),
    HostNotAllowed: (HTTPStatus.MISDIRECTED_REQUEST, "host_not_allowed"),
    UnsupportedMediaType: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
    InvalidCursor: (HTTPStatus.BAD_REQUEST, "invalid_request"),
    Unauthorized: (HTTPStatus.UNAUTHORIZED, "unauthorized"),
    UnknownJob: (HTTPStatus.NOT_FOUND, "not_found"),
    UnknownArtifact: (HTTPStatus.NOT_FOUND, "not_found"),
    IdempotencyConflict: (HTTPStatus.CONFLICT, "conflict"),
    AlreadyFinal: (HTTPStatus.CONFLICT, "already_final"),
    RateLimited: (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    TooManyChecks: (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited"),
    QueueFull: (HTTPStatus.TOO_MANY_REQUESTS, "queue_full"),
    StorageFull: (HTTPStatus.TOO_MANY_REQUESTS, "storage_full"),
    OutOfMemoryError: (HTTPStatus.SERVICE_UNAVAILABLE, "storage_full"),
    Busy: (HTTPStatus.TOO_MANY_REQUESTS, "too_many_waits"),
    TooManyWaits: (HTTPStatus.TOO_MANY_REQUESTS, "too_many_waits"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    RedisError: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    CheckFailure: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    Exception: (HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error"),
}

#: The messages of errors whose own text is not for the client.
_MESSAGES: Final[dict[type[Exception], str]] = {
    InvalidCursor: "cursor: this cursor is not from a listing",
    IdempotencyConflict: "this Idempotency-Key was used for another submission",
    OutOfMemoryError: "the service has no room for another job: Redis has reached its maxmemory",
    RedisError: "Redis does not answer",
    CheckFailure: "the script could not be checked now",
    Exception: "the service failed; this is not the request's fault",
}

#: The type and message of errors that Flask raises.
_HTTP: Final[dict[int, tuple[str, str]]] = {
    400: ("invalid_request", "the request is malformed"),
    404: ("not_found", "{call}: there is nothing at this path; GET /docs lists the calls"),
    405: ("method_not_allowed", "{call}: this path takes {methods}"),
    413: ("too_large", TOO_LARGE),
}

#: The most characters of a method and of a path in a message.
_METHOD_MAX: Final = 20
_PATH_MAX: Final = 100


def register(app: Flask) -> None:
    """Answer every error of `app` by the table."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Return the answer for `error`."""
    if isinstance(error, HTTPException):
        return _http_error(error)
    if isinstance(error, Refused):
        return _response(error.status, error.type, error.message, {})
    if isinstance(error, Rejection):
        return _rejection(error)
    if isinstance(error, InvalidScript):
        return _rejection(error.rejection, field=error.field)
    kind = next(kind for kind in type(error).__mro__ if kind in _TABLE)
    status, name = _TABLE[kind]
    if kind is not Unavailable and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # Load balancers ask for /health/ every few seconds.
        level = logging.DEBUG if request and request.path.startswith("/health/") else logging.ERROR
        _log.log(level, "%s: %s", name, error, exc_info=error if kind is Exception else None)
    details = {"field": "cursor"} if kind is InvalidCursor else _fields_of(error, "field")
    job = job_object(error.record) if isinstance(error, AlreadyFinal) else None
    response = _response(status, name, _MESSAGES.get(kind) or str(error), details, job)
    if isinstance(error, RateLimited | QueueFull | StorageFull | Busy | TooManyChecks | TooManyWaits):
        response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if kind is Unauthorized:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _rejection(rejection: Rejection, **more: Any) -> Response:
    details = _fields_of(rejection, "line", "column", "name")
    return _response(HTTPStatus.BAD_REQUEST, rejection.type, rejection.message, details | more)


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    name, message = _HTTP.get(status, (status.name.lower(), "the service has no answer to this request"))
    call = f"{quote(request.method[:_METHOD_MAX])} {quote(request.path[:_PATH_MAX])}"
    methods = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    response = _response(status, name, message.format(call=call, methods=methods), {})
    # For example Allow of a 405.
    response.headers.extend((key, value) for key, value in error.get_headers() if key != "Content-Type")
    return response


def _fields_of(error: Exception, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(error, name, None)) is not None}


def _response(
    status: HTTPStatus, name: str, message: str, more: dict[str, Any], job: dict[str, Any] | None = None
) -> Response:
    response = jsonify((job or {}) | {"error": {"type": name, "message": message, **more}})
    response.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
