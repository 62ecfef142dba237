"""The routes that the application finds are those that Flask finds."""

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import EnvironBuilder

from api.app import create_app
from api.application import Application
from config.settings import Settings
from tests.support.credentials import NO_KEYS


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(Settings(redis_url="redis://127.0.0.1:1"), NO_KEYS)


def _found(adapter: MapAdapter | None) -> object:
    assert adapter
    try:
        return adapter.match(return_rule=True)
    except HTTPException as error:
        return error.code, getattr(error, "valid_methods", None)


def _adapter(app: Flask, kind: type[Flask], environ: dict[str, object]) -> object:
    try:
        return _found(kind.create_url_adapter(app, app.request_class(environ)))
    except HTTPException as error:
        return error.code


@pytest.mark.parametrize("host", ["x", "localhost:8080", "a..b", ".a", "a" * 64, "[::1]:80", "a b", ""])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/execute"),
        ("GET", "/execute"),
        ("GET", "/jobs/a%2Fb"),
        ("GET", "/jobs/é/"),
        ("GET", "//jobs"),
        ("GET", "/openapi.json/"),
        ("BREW", "/nothing"),
        ("GET", ""),
    ],
)
def test_application_finds_the_route_that_flask_finds(app: Flask, host: str, method: str, path: str) -> None:
    for more in ({}, {"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade"}):
        environ = EnvironBuilder(method=method).get_environ()
        environ |= {"PATH_INFO": path.encode().decode("latin1"), "HTTP_HOST": host, **more}
        assert _adapter(app, Application, environ) == _adapter(app, Flask, environ)
