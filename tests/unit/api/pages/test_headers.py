"""The security headers, and which answers have them."""

import pytest
from flask.testing import FlaskClient

from api.pages.headers import SECURITY
from tests.support.answers import error_of
from tests.support.credentials import make_keys
from tests.unit.api.pages.conftest import MakeClient

#: A path of each kind, with the status of its answer.
PATHS = {
    "/": 200,
    "/?next=%3Cscript%3E": 200,
    "/queue": 200,
    "/pages/any/style/base.css": 200,
    "/pages/any/common/dom.js": 200,
    "/pages/any/vendor/codemirror.js": 200,
    "/pages/any/vendor/LICENSES.txt": 200,
    "/pages/any/icon.svg": 200,
    "/pages/any/unknown.js": 404,
}


def policy_of(header: str) -> dict[str, set[str]]:
    """Return the directives of a policy with their values."""
    directives = [part.split() for part in header.split(";")]
    policy = {name: set(values) for name, *values in directives}
    assert len(policy) == len(directives), "a directive is there twice, and the second has no effect"
    return policy


def test_policy_allows_code_and_styles_from_files_of_the_service_only() -> None:
    assert policy_of(SECURITY["Content-Security-Policy"]) == {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'"},
        "img-src": {"'self'", "blob:"},
        "connect-src": {"'self'"},
        "base-uri": {"'none'"},
        "form-action": {"'none'"},
        "frame-ancestors": {"'none'"},
        "require-trusted-types-for": {"'script'"},
        "trusted-types": {"'none'"},
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answer_has_every_security_header(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == PATHS[path]
    assert {name: response.headers.getlist(name) for name in SECURITY} == {
        "Content-Security-Policy": [SECURITY["Content-Security-Policy"]],
        "Cross-Origin-Opener-Policy": ["same-origin"],
        "Cross-Origin-Resource-Policy": ["same-origin"],
        "Referrer-Policy": ["no-referrer"],
        "X-Content-Type-Options": ["nosniff"],
        "X-Frame-Options": ["DENY"],
    }


@pytest.mark.parametrize("path", PATHS)
def test_answer_sets_no_cookie_and_allows_no_other_site(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Cookie": "session=x", "Origin": "https://example.com"})
    names = {name.lower() for name in response.headers.keys()}  # noqa: SIM118
    assert not {name for name in names if name == "set-cookie" or name.startswith("access-control-")}
    assert response.headers.getlist("Vary") in ([], ["Accept-Encoding"])


@pytest.mark.parametrize("path", PATHS)
def test_answer_is_refused_when_the_page_of_another_site_asks(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Host": "executor.example.com"})
    assert error_of(response, 421)["type"] == "host_not_allowed"


def test_page_answers_under_every_name_when_the_service_has_keys(make_client: MakeClient) -> None:
    credentials, _ = make_keys("someone")
    response = make_client(credentials).get("/", headers={"Host": "executor.example.com"})
    assert response.status_code == 200
