"""Pages of other sites: a browser sends no body for them without asking, and the API never agrees."""

from typing import Final

import pytest
from flask.testing import FlaskClient

from tests.support.answers import error_of
from tests.support.api import BODY

ORIGIN: Final = {"Origin": "https://example.com", "Sec-Fetch-Site": "cross-site"}

#: What a browser sends for a page of another site without asking (the Fetch standard's safelist).
SIMPLE_TYPES: Final = (
    *(
        "text/plain",
        "text/plain; charset=utf-8",
        "text/plain;application/json",
        "text/plain, application/json",
    ),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", None),
)


@pytest.mark.parametrize("type", SIMPLE_TYPES)
@pytest.mark.parametrize("path", ["/execute", "/jobs", "/jobs/"])
def test_submission_is_refused_when_a_page_can_send_its_type(
    client: FlaskClient, path: str, type: str | None
) -> None:
    body = b'{"script": "def main(): return {}"}'
    response = client.post(path, data=body, content_type=type, headers=ORIGIN)
    assert error_of(response, 415)["type"] == "unsupported_media_type"
    assert client.get("/jobs").get_json()["jobs"] == []


@pytest.mark.parametrize(
    "path", ["/execute", "/jobs", "/jobs/x", "/metrics", "/health/live", "/docs", "/openapi.json", "/nowhere"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT"])
def test_no_answer_has_a_cors_header(client: FlaskClient, method: str, path: str) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    private = {
        "Access-Control-Request-Private-Network": "true",
        "Access-Control-Request-Local-Network": "true",
    }
    headers = {**ORIGIN, **asks, **private}
    response = client.open(path, method=method, json=BODY if path == "/jobs" else {}, headers=headers)
    assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]
    if method == "OPTIONS":
        assert response.status_code in (404, 405)
