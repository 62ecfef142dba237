"""The OpenAPI document."""

from typing import Any

from flask import Blueprint
from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI

from api import examples, schemas
from api.request_examples import EXAMPLES, introduction
from api.submission import SCHEMA_OF_MODES, AskedLimits, Submission
from api.tags import TAGS
from config.settings import Settings


def document(app: OpenAPI, settings: Settings) -> dict[str, Any]:
    """Return the OpenAPI document of the routes registered so far."""
    app.components_schemas.update({name: Schema(**schema) for name, schema in schemas.schemas().items()})
    openapi: dict[str, Any] = app.api_doc
    with_key = "security" in openapi["paths"]["/execute"]["post"]
    openapi["info"]["description"] = introduction(with_key=with_key)
    openapi["tags"] = [{"name": tag.name, "description": tag.description} for tag in TAGS]
    found = openapi["components"]["schemas"]
    found[Submission.__name__] |= SCHEMA_OF_MODES
    limits = found[AskedLimits.__name__]["properties"]
    for name, ceiling in AskedLimits.ceilings(settings).items():
        number = next(choice for choice in limits[name]["anyOf"] if choice["type"] != "null")
        number["maximum"] = ceiling
    for path, shown in examples.BODIES.items():
        openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"] |= shown
    for operations in openapi["paths"].values():
        for operation in operations.values():
            example = EXAMPLES[operation["operationId"]]
            operation["description"] = example.description(with_key="security" in operation)
    return openapi


def document_routes(app: OpenAPI, settings: Settings) -> Blueprint:
    """Return `/openapi.json`."""
    routes = Blueprint("document", __name__)
    openapi = document(app, settings)

    @routes.get("/openapi.json", strict_slashes=True)
    def serve_document() -> dict[str, Any]:
        return openapi

    return routes
