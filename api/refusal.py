"""The server's answers to requests that never reach the application.

`api.server` imports this module before gevent's patches, so this module must not import Flask or Redis.
"""

import json
from http import HTTPStatus
from typing import Final

#: Seconds after which a client may try again when Redis or the workers are unavailable.
RETRY_AFTER: Final = 2

#: Statuses with an error type of their own. Others are `invalid_request` below 500, else `internal_error`.
TYPES: Final = {
    HTTPStatus.REQUEST_TIMEOUT: "request_timeout",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}


def refusal(status: HTTPStatus) -> bytes:
    """Return the whole answer, head and body. Its head announces that the connection closes."""
    other = "invalid_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    error = {"type": TYPES.get(status, other), "message": status.phrase.lower()}
    body = json.dumps({"error": error}).encode()
    later = f"Retry-After: {RETRY_AFTER}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n{later}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
