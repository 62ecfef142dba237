"""The page of the API at `/docs`: Swagger UI with the OpenAPI document.

It is there without the other pages too, so its files have a path of their own.
"""

from pathlib import Path
from typing import Final

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, make_response, render_template
from werkzeug.exceptions import NotFound

from api.pages.assets import Assets
from api.pages.headers import SECURITY, SECURITY_OF_DOCS
from config.settings import Settings

#: Swagger UI as it is installed.
_SWAGGER_UI: Final = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"

#: The files and folders of static/ that the page loads.
_FILES: Final = ("docs/", "common/", "style/base.css", "style/docs.css", "icon.svg")


def docs_routes(settings: Settings, assets: Assets) -> Blueprint:
    """Return `/docs`, its files, and those of Swagger UI."""
    routes = Blueprint(
        "docs", __name__, template_folder="templates", static_folder=_SWAGGER_UI, static_url_path="/swagger"
    )

    # The page's own links do not work below `/docs/`.
    @routes.get("/docs", strict_slashes=True)
    def docs() -> Response:
        page = render_template("docs.html", assets=f"docs/{assets.digest}", pages=settings.playground)
        response = make_response(page)
        response.headers["Cache-Control"] = "no-cache"
        response.headers.update(SECURITY_OF_DOCS)
        return response

    @routes.get("/docs/<digest>/<path:path>")
    def serve_asset(digest: str, path: str) -> Response:
        asset = assets.get(path) if path.startswith(_FILES) else None
        if asset is None:
            raise NotFound
        response = asset.response()
        # The URL that the page has changes with the content of the files.
        known = digest == assets.digest
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if known else "no-cache"
        response.headers.update(SECURITY)
        return response

    return routes
