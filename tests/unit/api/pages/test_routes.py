"""`/`, `/queue` and the files that they load."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.pages.assets import Assets
from config.credentials import new_key
from tests.support.answers import error_of
from tests.support.credentials import make_keys
from tests.unit.api.pages.conftest import MakeClient

PAGES = ("/", "/queue")
DIGEST = Assets().digest


class Document(HTMLParser):
    """The parts of a page that tests look at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.facts: dict[str, Any] = {}
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "html":
            self.facts = json.loads(found["data-facts"] or "")
        if tag in ("link", "script"):
            self.loaded.append(found.get("href") or found.get("src") or "")


@pytest.mark.parametrize("path", PAGES)
def test_every_file_that_a_page_loads_is_there(client: FlaskClient, path: str) -> None:
    loaded = Document(client.get(path).text).loaded
    assert len(loaded) > 5
    for file in loaded:
        assert file.startswith(f"pages/{DIGEST}/")
        response = client.get(f"/{file}")
        assert (response.status_code, response.headers["Cache-Control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )


def test_file_is_asked_for_again_when_its_url_has_the_digest_of_another_version(client: FlaskClient) -> None:
    response = client.get("/pages/0123456789abcdef/style/base.css")
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", PAGES)
def test_page_is_asked_for_again_and_not_sent_again_when_it_is_the_same(
    client: FlaskClient, path: str
) -> None:
    first = client.get(path)
    assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == (
        "text/html; charset=utf-8",
        "no-cache",
    )
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_head_has_the_headers_of_get_and_no_body(client: FlaskClient) -> None:
    for path in (*PAGES, f"/pages/{DIGEST}/common/dom.js"):
        got, asked = client.get(path), client.head(path)
        assert asked.data == b""
        for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control"):
            assert asked.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/queue/",
            "/pages",
            "/pages/",
            f"/pages/{DIGEST}",
            f"/pages/{DIGEST}/",
            f"/pages/{DIGEST}/unknown.js",
        ),
        *(
            f"/pages/{DIGEST}/../headers.py",
            f"/pages/{DIGEST}/%2e%2e/headers.py",
            f"/pages/{DIGEST}/..%2fheaders.py",
        ),
        *(
            f"/pages/{DIGEST}//etc/passwd",
            f"/pages/{DIGEST}/%2fetc/passwd",
            f"/pages/{DIGEST}/style%5cbase.css",
        ),
        *(f"/pages/{DIGEST}/%00", f"/pages/{DIGEST}/style/base.css/", f"/pages/{DIGEST}/style/base.css%00"),
    ],
)
def test_answer_is_a_json_error_when_there_is_no_such_file(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert error_of(response, 404)["type"] == "not_found"


def test_playground_is_served_when_the_request_names_no_path(client: FlaskClient) -> None:
    # A client of a proxy sends `GET http://localhost HTTP/1.1`.
    response = client.get("/", environ_overrides={"PATH_INFO": ""})
    assert (response.status_code, response.data) == (200, client.get("/").data)


@pytest.mark.parametrize("path", PAGES)
def test_answer_is_a_json_error_when_the_pages_are_turned_off(make_client: MakeClient, path: str) -> None:
    response = make_client(playground=False).get(path)
    assert error_of(response, 404)["type"] == "not_found"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_the_same_for_all_and_needs_no_key(make_client: MakeClient, path: str) -> None:
    credentials, [headers] = make_keys("someone")
    client = make_client(credentials)
    bodies = {
        client.get(path).data,
        client.get(path, headers=headers).data,
        client.get(path, headers={"Authorization": "Bearer wrong", "Cookie": "a=b"}).data,
        client.get(f"{path}?key={new_key('other')[0]}&x=%22%3E%3Cscript%3E").data,
    }
    assert len(bodies) == 1


def test_facts_say_the_limits_and_whether_there_are_keys(make_client: MakeClient) -> None:
    facts = Document(make_client(timeout=2, timeout_max=7, memory_mb=100).get("/").text).facts
    assert facts.keys() == {"version", "keys", "limits"}
    assert facts["keys"] is False
    assert facts["limits"]["timeout"] == {"default": 2, "least": 0.1, "most": 7}
    assert facts["limits"]["memory_mb"]["default"] == 100
    credentials, [headers] = make_keys("someone")
    page = make_client(credentials).get("/").text
    assert Document(page).facts["keys"] is True
    assert "someone" not in page
    assert not any(part in page for part in re.findall(r"\w{16,}", headers["Authorization"]))


def test_facts_are_escaped(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = "\"'><script>alert(1)</script>&amp;"
    monkeypatch.setattr("api.pages.routes.VERSION", hostile)
    page = make_client().get("/").text
    assert Document(page).facts["version"] == hostile
    assert "<script>" not in page
