"""The OpenAPI document, and Swagger UI to show it."""

from pathlib import Path
from typing import Any

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, render_template_string
from flask_openapi3.models.schema import Schema
from flask_openapi3.openapi import OpenAPI
from flask_openapi3_swagger.templates import swagger_html_string  # type: ignore[import-untyped]

from api import examples, schemas
from api.submission import SCHEMA_OF_MODES, AskedLimits, Submission
from config.settings import Settings


def document(app: OpenAPI, settings: Settings) -> dict[str, Any]:
    """Return the OpenAPI document of the routes registered so far."""
    app.components_schemas.update({name: Schema(**schema) for name, schema in schemas.schemas().items()})
    openapi: dict[str, Any] = app.api_doc
    found = openapi["components"]["schemas"]
    found[Submission.__name__] |= SCHEMA_OF_MODES
    limits = found[AskedLimits.__name__]["properties"]
    for name, ceiling in AskedLimits.ceilings(settings).items():
        number = next(choice for choice in limits[name]["anyOf"] if choice["type"] != "null")
        number["maximum"] = ceiling
    for path, shown in examples.BODIES.items():
        openapi["paths"][path]["post"]["requestBody"]["content"]["application/json"] |= shown
    return openapi


def document_routes(app: OpenAPI, settings: Settings) -> Blueprint:
    """Return `/openapi.json` and `/docs`."""
    assets = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
    routes = Blueprint("document", __name__, static_folder=assets, static_url_path="/swagger")
    openapi = document(app, settings)

    @routes.get("/openapi.json", strict_slashes=True)
    def serve_document() -> dict[str, Any]:
        return openapi

    # The page's own links do not work below `/docs/`.
    @routes.get("/docs", strict_slashes=True)
    def docs() -> str:
        # Otherwise the page sends the document to a validator on the internet.
        return render_template_string(
            swagger_html_string,
            doc_url="openapi.json",
            swagger_config={"validatorUrl": None},
            oauth_config=None,
        )

    return routes
