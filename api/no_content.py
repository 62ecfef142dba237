"""The answer without a body."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from flask import Response


def no_content(headers: Mapping[str, str] = MappingProxyType({})) -> Response:
    """Return the answer 204 with these headers."""
    response = Response(status=HTTPStatus.NO_CONTENT, headers=dict(headers))
    # Flask would say HTML.
    del response.headers["Content-Type"]
    return response
