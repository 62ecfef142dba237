"""The API as a Flask application, without a server in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from flask_openapi3.openapi import OpenAPI

from api.app import create_app
from config.credentials import Credentials
from config.names import DISTRIBUTION
from config.settings import Settings
from tests.support.credentials import NO_KEYS

#: A valid script, and the request that submits it.
SCRIPT: Final = "def main():\n    return {}"
BODY: Final = {"script": SCRIPT}


@contextmanager
def running_app(redis_url: str, credentials: Credentials = NO_KEYS, **settings: Any) -> Iterator[OpenAPI]:
    """Make an application. Close its connections at the end."""
    app = create_app(Settings(redis_url=redis_url, **settings), credentials)
    try:
        yield app
    finally:
        app.extensions[DISTRIBUTION].close()
