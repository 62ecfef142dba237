"""The table from errors to HTTP answers."""

from http import HTTPStatus

import pytest
from flask import Flask
from redis import ConnectionError as RedisConnectionError
from redis import ResponseError
from werkzeug.exceptions import (
    HTTPException,
    ImATeapot,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    default_exceptions,
)

from api.errors import InvalidRequest, Unavailable, UnknownJob, UnsupportedMediaType, answer
from api.refusal import STATUSES, TYPES, Refused
from store.errors import Busy, IdempotencyConflict
from validation.errors import Rejection


@pytest.mark.parametrize(
    ("error", "status", "type"),
    [
        (InvalidRequest("no"), 400, "invalid_request"),
        (UnsupportedMediaType("no"), 415, "unsupported_media_type"),
        (UnknownJob("no"), 404, "not_found"),
        (IdempotencyConflict("id"), 409, "conflict"),
        (Busy(1), 429, "too_many_waits"),
        (Unavailable("no"), 503, "unavailable"),
        (RedisConnectionError("no"), 503, "unavailable"),
        (ResponseError("OOM"), 503, "unavailable"),
        (Rejection("missing_main", "no"), 400, "missing_main"),
        (NotFound(), 404, "not_found"),
        (MethodNotAllowed(["GET"]), 405, "method_not_allowed"),
        (RequestEntityTooLarge(), 413, "too_large"),
        (ImATeapot(), 418, "im_a_teapot"),
        (ValueError("no"), 500, "internal_error"),
    ],
)
def test_error_is_answered_with_its_status_and_type(error: Exception, status: int, type: str) -> None:
    with Flask("test").test_request_context():
        response = answer(error)
    assert response.status_code == status
    assert response.content_type == "application/json"
    assert response.json is not None
    assert response.json["error"]["type"] == type
    assert ("Retry-After" in response.headers) == (status in (429, 503))


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_error_of_a_library_is_answered_in_our_words(status: HTTPStatus) -> None:
    error = default_exceptions[status]() if status in default_exceptions else HTTPException()
    error.code = status
    with Flask("test").test_request_context("/a b", method="PUT"):
        response = answer(error)
    assert response.json is not None
    message = response.json["error"]["message"]
    assert status.phrase.lower() not in message.lower()
    assert message not in str(error.description)


@pytest.mark.parametrize("status", sorted({*STATUSES.values(), *TYPES}))
def test_refusal_of_the_server_is_in_our_words(status: HTTPStatus) -> None:
    message = Refused(status).message
    assert message
    assert message != status.phrase.lower()


def test_error_names_a_short_escaped_path_when_there_is_nothing() -> None:
    with Flask("test").test_request_context("/é%0A" + "x" * 1000, method="X" * 100):
        response = answer(NotFound())
    assert response.json is not None
    message = response.json["error"]["message"]
    assert message.startswith(f"{'X' * 20} /%C3%A9%0Axxx")
    assert message.endswith("x: there is nothing at this path; GET /docs lists the calls")
    assert len(message) < 200


def test_error_has_line_and_name_when_the_script_is_refused() -> None:
    with Flask("test").test_request_context():
        response = answer(Rejection("forbidden_import", "no", line=3, name="numpy"))
    assert response.json == {
        "error": {"type": "forbidden_import", "message": "no", "line": 3, "name": "numpy"}
    }


@pytest.mark.parametrize("error", [NameError("inside", name="inside"), RedisConnectionError("inside:6379")])
def test_error_hides_its_message_when_it_is_internal(error: Exception) -> None:
    with Flask("test").test_request_context():
        assert b"inside" not in answer(error).data
