"""Who sends a request: the name of their API key, and whether they still wait for the answer."""

from typing import Any, Final

from flask import g, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.types import SecuritySchemesDict

from api.connection import Connection
from api.errors import Unauthorized
from config.credentials import Credentials

#: How the OpenAPI document names the API key.
SCHEMES: Final[SecuritySchemesDict] = {
    "api_key": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"}
}


def protected(name: str, credentials: Credentials, **more: Any) -> APIBlueprint:
    """Return a blueprint whose routes need an API key, where keys are required at all."""
    if not credentials.required:
        return APIBlueprint(name, __name__, **more)
    routes = APIBlueprint(name, __name__, abp_security=[{scheme: []} for scheme in SCHEMES], **more)

    @routes.before_request
    def identify() -> None:
        sent = request.authorization
        if sent is None or sent.type != "bearer" or not sent.token:
            raise Unauthorized("an API key is needed: Authorization: Bearer KEY")
        name = credentials.name_of(sent.token)
        if name is None:
            raise Unauthorized("this API key is not known")
        g.owner = name

    return routes


def owner() -> str:
    """Return the name of the caller's API key, empty where none is required."""
    name: str = g.get("owner", "")
    return name


def hung_up() -> bool:
    """Say whether the client has closed the connection. Without a server (in tests) it never has."""
    connection: Connection | None = request.environ.get("gunicorn.socket")
    return connection is not None and connection.hung_up()
