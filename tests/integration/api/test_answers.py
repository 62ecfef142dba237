"""The API answers arbitrary requests with JSON of a known shape, and reveals nothing internal."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api import schemas
from jobs.limits import REQUEST_BYTES
from tests.support.answers import content, error_of
from tests.support.api import BODY, SCRIPT, running_app
from tests.support.credentials import make_keys

#: What Pydantic, its JSON parser, Werkzeug, gunicorn and Python say in their own errors.
LIBRARY_WORDS: Final = (
    *("input should", "field required", "extra input", "validation error", "value error", "unable to"),
    *("eof while", "surrogate in", "expected value", "expected ident", "trailing c", "recursion limit"),
    *("not permitted", "key must be", "code point", "hex escape", "compliant", "bad request", "not allowed"),
    *("could not be", "url ", "uri", "browser", "object has", "traceback", "pydantic", "werkzeug"),
)
STATUSES: Final = {200, 202, 400, 401, 404, 405, 409, 413, 415}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
_submissions = st.fixed_dictionaries(
    {},
    optional={
        "script": st.just(SCRIPT) | st.text() | _json,
        "inputs": st.dictionaries(st.text(), _json, max_size=3) | _json,
        "stdin": st.text() | _json,
        "limits": st.dictionaries(st.sampled_from(["timeout", "cpu", "memory_mb", "processes", "x"]), _json)
        | _json,
        "priority": st.sampled_from(["low", "normal", "high"]) | _json,
        "code": _json,
    },
)
_batches = st.lists(_submissions | _json, max_size=3)
_bodies = st.binary() | (_submissions | _batches | _json).map(lambda value: json.dumps(value).encode())
_types = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/html",
        "application/xml",
        "",
        "application/jsonp",
    ]
)
_paths = st.sampled_from(
    ["/execute", "/jobs", "/jobs/x", "/health/live", "/", "//jobs", "/openapi.json/"]
) | (st.text(min_size=1).map(lambda text: "/" + text))
_methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
_settings = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def no_wait_client(server_url: str) -> Iterator[FlaskClient]:
    """Return a client of an application without pages that does not wait for jobs."""
    with running_app(server_url, execute_wait=0.001, playground=False) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def client_without_key(server_url: str) -> Iterator[FlaskClient]:
    """Return a client without a key, of an application that requires one."""
    credentials, _ = make_keys("shop")
    with running_app(server_url, credentials) as app:
        yield app.test_client()


def check_response(client: FlaskClient, method: str, path: str, **request: object) -> int:
    """Send a request, check the shape of its response and return the status."""
    response = client.open(path, method=method, **request)  # type: ignore[arg-type]
    assert response.status_code in STATUSES
    assert b"Traceback" not in response.data
    assert b"<html" not in response.data.lower()
    if response.status_code < 300:
        assert response.is_json
        return response.status_code
    error = schemas.Error.model_validate(content(response)).error
    # missing_main shows an example of several lines.
    assert "\n" not in error.message or error.type == "missing_main"
    assert not [words for words in LIBRARY_WORDS if words in error.message.lower()]
    if error.type == "invalid_request":
        assert re.match(r"the (body|request|path) |\S.*: ", error.message)
    return response.status_code


@_settings
@given(path=st.sampled_from(["/execute", "/jobs"]), body=_bodies, type=_types)
@example("/execute", b'{"script": ' + b"[" * 100_000, "application/json")
@example("/execute", b'{"script": "", "limits": {"timeout": 1' + b"0" * 5000 + b"}}", "application/json")
@example(
    "/execute", json.dumps({"script": SCRIPT, "limits": {"timeout": 10**400}}).encode(), "application/json"
)
@example("/execute", json.dumps({"script": SCRIPT, "stdin": "\ud800"}).encode(), "application/json")
@example("/jobs", json.dumps(json.dumps({"script": SCRIPT})).encode(), "application/json")
@example("/jobs", b'{"script": "def main(): 0", "inputs": {"x": 1e999}}', "application/json")
@example("/jobs", b"\xff\xfe{\x00}\x00", "application/json")
def test_response_is_json_when_the_body_is_arbitrary(
    no_wait_client: FlaskClient, path: str, body: bytes, type: str
) -> None:
    check_response(no_wait_client, "POST", path, data=body, content_type=type)


@_settings
@given(path=_paths, method=_methods)
def test_response_is_json_when_path_and_method_are_arbitrary(
    no_wait_client: FlaskClient, path: str, method: str
) -> None:
    # Set PATH_INFO as a server does, because the test client would read some paths as host names.
    check_response(
        no_wait_client, method, "/", environ_overrides={"PATH_INFO": path.encode().decode("latin-1")}
    )


@_settings
@given(
    query=st.fixed_dictionaries(
        {},
        optional={
            name: st.text() | st.integers().map(str) for name in ("ids", "status", "limit", "cursor", "x")
        },
    )
)
def test_response_is_json_when_the_query_of_a_list_is_arbitrary(
    no_wait_client: FlaskClient, query: dict[str, str]
) -> None:
    assert check_response(no_wait_client, "GET", "/jobs", query_string=query) in {200, 400}


@_settings
@given(sent=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_response_is_json_when_the_authorization_is_arbitrary(
    client_without_key: FlaskClient, sent: str
) -> None:
    headers = {"Authorization": sent}
    assert check_response(client_without_key, "POST", "/jobs", json=BODY, headers=headers) == 401


@_settings
@given(wait=st.text() | st.floats().map(str) | st.integers().map(str))
def test_response_is_json_when_the_wait_is_arbitrary(no_wait_client: FlaskClient, wait: str) -> None:
    assert check_response(no_wait_client, "GET", "/jobs/x", query_string={"wait": wait}) in {400, 404}


@_settings
@given(key=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_response_is_json_when_the_idempotency_key_is_arbitrary(
    no_wait_client: FlaskClient, key: str
) -> None:
    assert check_response(no_wait_client, "POST", "/jobs", json=BODY, headers={"Idempotency-Key": key}) in {
        202,
        400,
    }


@pytest.mark.parametrize("path", ["/execute", "/jobs"])
def test_api_answers_413_when_the_body_exceeds_the_limit(client: FlaskClient, path: str) -> None:
    body = json.dumps({"script": SCRIPT + "#" * REQUEST_BYTES}).encode()
    assert check_response(client, "POST", path, data=body, content_type="application/json") == 413
    body = b"{}" + b" " * (REQUEST_BYTES - 1)
    assert check_response(client, "POST", path, data=body, content_type="application/json") == 413


def test_api_accepts_the_job_when_the_body_is_as_long_as_the_limit(client: FlaskClient) -> None:
    body = json.dumps({"script": SCRIPT}).encode()
    body += b" " * (REQUEST_BYTES - len(body))
    assert check_response(client, "POST", "/jobs", data=body, content_type="application/json") == 202


@pytest.mark.parametrize("path", ["/execute", "/jobs", "/jobs/x", "/nowhere", "/health/live"])
def test_response_is_json_when_the_method_is_head_or_options(client: FlaskClient, path: str) -> None:
    assert client.head(path).content_type == "application/json"
    assert client.options(path).content_type == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/execute", "POST"),
        ("GET", "/execute/", "POST"),
        ("PUT", "/jobs", "GET, HEAD, POST"),
        ("POST", "/jobs/x", "DELETE, GET, HEAD"),
        ("OPTIONS", "/jobs", "GET, HEAD, POST"),
    ],
)
def test_error_names_call_and_allowed_methods_when_the_method_is_not_allowed(
    client: FlaskClient, method: str, path: str, allowed: str
) -> None:
    response = client.open(path, method=method)
    assert error_of(response, 405)["message"] == f"{method} {path}: this path takes {allowed}"
    assert sorted(response.headers["Allow"].split(", ")) == allowed.split(", ")


@pytest.mark.parametrize("path", ["/nowhere", "/jobs/x/y", "/docs/", "/openapi.json/", "/Execute"])
def test_error_names_the_call_when_there_is_nothing_at_the_path(client: FlaskClient, path: str) -> None:
    response = client.open("/", method="PATCH", environ_overrides={"PATH_INFO": path})
    message = f"PATCH {path}: there is nothing at this path; GET /docs lists the calls"
    assert error_of(response, 404)["message"] == message


def test_path_works_when_it_ends_with_a_slash(client: FlaskClient, no_wait_client: FlaskClient) -> None:
    assert no_wait_client.post("/execute/", json=BODY).status_code == 202
    job = content(client.post("/jobs/", json=BODY))["id"]
    assert content(client.get(f"/jobs/{job}/"))["id"] == job
    assert client.get("/jobs/").status_code == 200
    assert client.delete(f"/jobs/{job}/").status_code == 200
    for path in ("/health/live/", "/metrics/"):
        assert client.get(path).status_code == 200


_PARAMETERS = {"": "this call takes no parameters", "wait": "the only parameter is wait"}

QUERIES = [
    *(("POST", "/execute", ""), ("POST", "/jobs", ""), ("GET", "/jobs", "ids, status, limit, cursor")),
    *(("GET", "/jobs/x", "wait"), ("DELETE", "/jobs/x", "")),
]


@pytest.mark.parametrize(("method", "path", "known"), QUERIES)
def test_error_names_the_parameter_when_it_is_unknown(
    client: FlaskClient, method: str, path: str, known: str
) -> None:
    error = error_of(client.open(path, method=method, query_string={"x y": "1"}, json=BODY), 400)
    there_are = _PARAMETERS.get(known, f"the parameters are {known}")
    assert (error["type"], error["field"]) == ("invalid_request", "x y")
    assert error["message"] == f"x y: this parameter is not known; {there_are}"


@pytest.mark.parametrize(("method", "path", "known"), QUERIES)
def test_error_names_the_parameter_when_it_is_given_twice(
    client: FlaskClient, method: str, path: str, known: str
) -> None:
    name = known.partition(", ")[0] or "x"
    error = error_of(client.open(f"{path}?{name}=1&{name}=1", method=method, json=BODY), 400)
    assert error == {
        "type": "invalid_request",
        "message": f"{name}: this parameter is given twice",
        "field": name,
    }


def test_every_route_about_jobs_refuses_unknown_parameters(app: OpenAPI, client: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD"} if rule.endpoint.startswith("jobs.") else ():
            path = rule.rule.replace("<job_id>", "x")
            assert client.open(path, method=method, query_string="x=1", json=BODY).status_code == 400


@pytest.mark.parametrize(
    "path", ["/health/live", "/metrics", "/docs", "/openapi.json", "/swagger/images/swagger.svg"]
)
def test_pages_and_monitoring_ignore_parameters(client: FlaskClient, path: str) -> None:
    with client.get(f"{path}?_=1735689600&_=1") as response:
        assert response.status_code == 200


def test_file_answers_in_json_when_the_range_is_wrong(client: FlaskClient) -> None:
    response = client.get("/swagger/images/swagger.svg", headers={"Range": "bytes=99999999-"})
    assert error_of(response, 416)["message"] == "the service has no answer to this request"


def test_api_logs_the_exception_and_hides_it_from_the_client_when_it_fails(
    server_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running_app(server_url) as app:

        @app.get("/broken")
        def broken() -> None:
            raise NameError("internal detail", name="secret")

        assert error_of(app.test_client().get("/broken"), 500) == {
            "type": "internal_error",
            "message": "the service failed; this is not the request's fault",
        }
    assert "internal detail" in caplog.text


def test_documentation_page_loads_assets_from_the_api_only(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert page.content_type.startswith("text/html")
    assert "http" not in page.text
    assert client.get("/openapi.json").status_code == 200
    for asset in ("css/swagger-ui.css", "js/swagger-ui-bundle.js"):
        assert f"swagger/{asset}" in page.text
        with client.get(f"/swagger/{asset}") as file:
            assert file.status_code == 200


def test_answer_does_not_escape_characters_that_utf8_can_encode(client: FlaskClient) -> None:
    response = client.post("/jobs", json=BODY | {"é\U0001f600": 1})
    assert "é\U0001f600: this field".encode() in response.data
