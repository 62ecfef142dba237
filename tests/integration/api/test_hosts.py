"""`Host`: without keys, no page of a browser reaches the API under a name of its own (DNS rebinding)."""

from collections.abc import Iterator
from typing import Final

import pytest
from flask.testing import FlaskClient

from tests.support.answers import error_of
from tests.support.api import BODY, running_app
from tests.support.credentials import make_keys
from tests.support.gunicorn import Server, serving

ALLOWED: Final = (
    *("localhost", "LOCALHOST:8080", "localhost.", "app.localhost", "a.b.LocalHost:80"),
    *("127.0.0.1", "127.0.0.1:8080", "10.1.2.3", "[::1]", "[::1]:8080", "[FE80::1]:8080", "[::ffff:1.2.3.4]"),
    *("api", "api:8080", "API.", "python_executor-api-1:8080", "api:"),
)
REFUSED: Final = (
    *("example.com", "EXAMPLE.com:8080", "example.com.", "localhost.example.com", "127.0.0.1.example.com"),
    *("notlocalhost.com", "1.2.3.4.5", "127.0.0.1.nip.io:8080", "machine.local", "a..b", "x.localhost.y"),
)
MALFORMED: Final = (
    *(
        "",
        " ",
        "a b",
        "example.com,localhost",
        "localhost,example.com",
        "localhost@example.com",
        "[::1",
        "::1",
    ),
    *(
        "[example.com]",
        "localhost:8080:80",
        "localhost:x",
        "localhost/",
        "http://localhost",
        "é",
        ".",
        ".localhost",
        "localhost\t.",
    ),
)
CALLS: Final = (
    *(("POST", "/execute"), ("POST", "/jobs"), ("GET", "/jobs"), ("GET", "/jobs/x"), ("DELETE", "/jobs/x")),
    *(
        ("GET", "/environments"),
        ("GET", "/metrics"),
        ("GET", "/health/live"),
        ("GET", "/health/ready"),
        ("GET", "/docs"),
    ),
    *(
        ("GET", "/openapi.json"),
        ("GET", "/swagger/js/swagger-ui-bundle.js"),
        ("GET", "/"),
        ("OPTIONS", "/jobs"),
    ),
)


@pytest.mark.parametrize("host", ALLOWED)
def test_api_answers_when_the_host_is_local(client: FlaskClient, host: str) -> None:
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", REFUSED)
def test_api_answers_421_and_names_the_setting_when_the_host_may_be_a_page(
    client: FlaskClient, host: str
) -> None:
    error = error_of(client.get("/health/live", headers={"Host": host}), 421)
    assert error["type"] == "host_not_allowed"
    assert "HOSTS" in error["message"]
    assert "\n" not in error["message"]


@pytest.mark.parametrize("host", MALFORMED)
def test_api_answers_400_when_the_host_is_malformed(client: FlaskClient, host: str) -> None:
    response = client.get("/health/live", environ_overrides={"HTTP_HOST": host})
    assert error_of(response, 400)["type"] == "invalid_request"


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_checks_the_host(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(path, method=method, headers={"Host": "example.com"}).status_code == 421


def test_job_is_not_queued_when_the_host_is_refused(client: FlaskClient) -> None:
    assert client.post("/jobs", json=BODY, headers={"Host": "example.com"}).status_code == 421
    assert client.get("/jobs").get_json()["jobs"] == []


@pytest.mark.parametrize("listed", ["runs.example.com", " x.example.org , RUNS.Example.com. ", "*"])
def test_api_answers_when_the_setting_lists_the_host(redis_url: str, listed: str) -> None:
    with running_app(redis_url, hosts=listed) as app:
        client = app.test_client()
        for host in ("runs.example.com", "Runs.Example.COM.:443", "localhost"):
            assert client.get("/health/live", headers={"Host": host}).status_code == 200
        refused = client.get("/health/live", headers={"Host": "a.runs.example.com"}).status_code == 421
        assert refused == (listed != "*")


def test_api_answers_under_every_host_when_it_has_keys(redis_url: str) -> None:
    credentials, (shop,) = make_keys("shop")
    with running_app(redis_url, credentials) as app:
        client = app.test_client()
        assert client.get("/jobs", headers={"Host": "example.com", **shop}).status_code == 200
        assert client.get("/jobs", headers={"Host": "example.com"}).status_code == 401


@pytest.fixture(scope="module")
def served(server_url: str) -> Iterator[Server]:
    with serving(server_url) as server:
        yield server


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health/live HTTP/1.1\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\nHost:\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: example.com\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nhost: example.com\r\n\r\n", 400),
        (b"GET /health/live HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"GET /health/live HTTP/1.0\r\nHost: example.com\r\n\r\n", 421),
        (b"GET /health/live HTTP/1.0\r\n\r\n", 200),
        (b"GET http://example.com/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
        (b"GET http://example.com/health/live HTTP/1.0\r\n\r\n", 421),
        (b"GET HTTP://u:p@example.com/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/health/live HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"GET http://localhost:1/health/live HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200),
        (b"GET //example.com/health/live HTTP/1.1\r\nHost: example.com\r\n\r\n", 421),
        (b"GET /health/live HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Host: localhost\r\n\r\n", 421),
        (b"GET /health/live HTTP/1.1\r\nHost: example.com\r\nForwarded: host=localhost\r\n\r\n", 421),
    ],
)
def test_server_checks_header_and_request_target(served: Server, sent: bytes, status: int) -> None:
    line, _ = served.exchange(sent.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
    assert int(line.split()[1]) == status
