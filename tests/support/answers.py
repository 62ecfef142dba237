"""The answers of the API."""

from typing import Any

from werkzeug.test import TestResponse


def content(response: TestResponse) -> dict[str, Any]:
    """Return the JSON object in a response."""
    assert response.content_type == "application/json"
    found = response.get_json()
    assert isinstance(found, dict)
    return found


def error_of(response: TestResponse, status: int) -> dict[str, Any]:
    """Return the error in a response that must have this status."""
    assert response.status_code == status
    error = content(response)["error"]
    assert isinstance(error, dict)
    return error
