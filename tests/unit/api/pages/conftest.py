"""The application whose pages are tested."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from config.credentials import Credentials
from config.settings import Settings
from tests.support.credentials import NO_KEYS

#: Makes a client of an application with some settings. Its Redis is down.
MakeClient = Callable[..., FlaskClient]


@pytest.fixture(scope="session")
def make_client() -> MakeClient:
    def make(credentials: Credentials = NO_KEYS, **settings: Any) -> FlaskClient:
        return create_app(Settings(redis_url="redis://127.0.0.1:1", **settings), credentials).test_client()

    return make


@pytest.fixture(scope="session")
def client(make_client: MakeClient) -> FlaskClient:
    """Return a client for all tests: an application takes long to make."""
    return make_client()
