"""Requests that the server refuses, because they are malformed, too long or too slow.

A request whose head is refused never reaches the application; this module makes its answer. If the body is
refused, the application answers.

`api.server` imports this module before gevent's patches, so this module must not import Flask or Redis.
"""

import json
from http import HTTPStatus
from typing import Final, Self

from gunicorn.http import errors

from jobs.limits import BODY_BYTES, REQUEST_BYTES

#: Seconds after which a client may try again when Redis or the workers are unavailable.
RETRY_AFTER: Final = 2

#: Statuses with an error type of their own. The others are `invalid_request`, also 501 for an unknown coding.
TYPES: Final = {
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}

#: The status of each error that gunicorn raises.
STATUSES: Final[dict[type[BaseException], HTTPStatus]] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
    # The client has closed or reset the connection in the middle of the body.
    OSError: HTTPStatus.BAD_REQUEST,
    BaseException: HTTPStatus.INTERNAL_SERVER_ERROR,
}


TOO_LARGE: Final = (
    f"the body is larger than {BODY_BYTES} bytes, or than {REQUEST_BYTES} bytes without the contents of its "
    "files"
)

#: The message of each status.
MESSAGES: Final = {
    HTTPStatus.BAD_REQUEST: "the request is not well-formed HTTP",
    HTTPStatus.REQUEST_TIMEOUT: "the request did not arrive in time",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG: "the path and its query are too long",
    HTTPStatus.EXPECTATION_FAILED: "the only value of the header Expect is 100-continue",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "the headers are too many or too long",
    HTTPStatus.INTERNAL_SERVER_ERROR: "the service failed; this is not the request's fault",
    HTTPStatus.NOT_IMPLEMENTED: "the only Transfer-Encoding of a body is chunked",
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "too many bytes of requests and answers are in memory, of this key or of all"
    ),
}


class Refused(Exception):
    """The server refuses the request."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status
        self.message = MESSAGES[status]

    @classmethod
    def for_error(cls, error: BaseException) -> Self:
        """Return the refusal for an error that the server met while it read a request."""
        if isinstance(error, cls):
            return error
        return cls(STATUSES[next(kind for kind in type(error).__mro__ if kind in STATUSES)])

    @property
    def type(self) -> str:
        """The `error.type` of the answer."""
        return TYPES.get(self.status, "invalid_request")


def refusal(refused: Refused) -> bytes:
    """Return the whole answer, head and body. Its head announces that the connection closes."""
    status = refused.status
    error = {"type": refused.type, "message": refused.message}
    body = json.dumps({"error": error}).encode()
    later = f"Retry-After: {RETRY_AFTER}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n{later}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
