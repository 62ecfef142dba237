"""Reading what the API answered."""

from typing import Any

from werkzeug.test import TestResponse


def content(response: TestResponse) -> dict[str, Any]:
    """Return the JSON object an answer is."""
    assert response.content_type == "application/json"
    found = response.get_json()
    assert isinstance(found, dict)
    return found
