"""Authentication: the API key of a request."""

from typing import Any, Final

from flask import g, request
from flask_openapi3.types import SecuritySchemesDict

from api import client
from api.errors import Unauthorized
from api.routes import Routes
from config.credentials import Credentials

#: How the OpenAPI document names the API key.
SCHEMES: Final[SecuritySchemesDict] = {
    "api_key": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"}
}


def protected(name: str, credentials: Credentials, **more: Any) -> Routes:
    """Return a blueprint whose routes need an API key, if the service has keys."""
    if not credentials.required:
        return Routes(name, __name__, **more)
    routes = Routes(name, __name__, abp_security=[{scheme: []} for scheme in SCHEMES], **more)

    @routes.before_request
    def authenticate() -> None:
        sent = request.authorization
        if sent is None or sent.type != "bearer" or not sent.token:
            raise Unauthorized("an API key is needed: Authorization: Bearer KEY")
        name = credentials.name_of(sent.token)
        if name is None:
            raise Unauthorized("this API key is not known")
        g.owner = name
        if connection := client.connection():
            connection.set_owner(name)

    return routes


def owner() -> str:
    """Return the name of the request's API key, '' if the service has no keys."""
    name: str = g.get("owner", "")
    return name
