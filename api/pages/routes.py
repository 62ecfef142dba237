"""The routes of the pages: the playground, the queue page, Swagger UI, and the files that they load."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import flask_openapi3_swagger  # type: ignore[import-untyped]
from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from api.pages.assets import Asset, Assets
from api.pages.headers import POLICY_OF_DOCS, SECURITY
from api.submission import AskedLimits
from config.credentials import Credentials
from config.names import VERSION
from config.settings import Settings
from jobs.limits import MEMORY_MB_LEAST

#: The URL of a file has the digest of all files, so its content never changes.
_FOREVER: Final = "public, max-age=31536000, immutable"
#: During an upgrade a page of one version may ask an API process of another. It gets that version's file.
_REVALIDATE: Final = "no-cache"


#: Swagger UI as it is installed.
_SWAGGER_UI: Final = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"

#: The folders of static/ whose modules a page loads ahead.
_MODULES: Final = {
    "playground": ("vendor", "common", "playground"),
    "queue": ("common", "queue"),
    "docs": ("docs",),
}


def page_routes(settings: Settings, credentials: Credentials) -> Blueprint:
    """Return `/docs`, `/`, `/queue` and their files.

    They need no key: the pages themselves have no data. PLAYGROUND turns off `/` and `/queue`.
    """
    routes = Blueprint(
        "pages", __name__, template_folder="templates", static_folder=_SWAGGER_UI, static_url_path="/swagger"
    )
    assets = Assets()
    facts = json.dumps(_facts(settings, credentials))

    @cache
    def page(name: str) -> Asset:
        text = render_template(
            f"{name}.html",
            assets=f"pages/{assets.digest}",
            facts=facts,
            modules=assets.modules(*_MODULES[name]),
            playground=settings.playground,
        )
        return Asset(text.encode(), "text/html; charset=utf-8")

    def show(name: str) -> Response:
        response = page(name).response()
        response.headers["Cache-Control"] = _REVALIDATE
        return response

    @routes.after_request
    def add_security(response: Response) -> Response:
        for name, value in SECURITY.items():
            response.headers.setdefault(name, value)
        return response

    # The page's own links do not work below `/docs/`.
    @routes.get("/docs", strict_slashes=True)
    def docs() -> Response:
        response = show("docs")
        response.headers["Content-Security-Policy"] = POLICY_OF_DOCS
        return response

    @routes.get("/pages/<digest>/<path:path>")
    def serve_asset(digest: str, path: str) -> Response:
        asset = assets.get(path)
        if asset is None:
            raise NotFound
        response = asset.response()
        response.headers["Cache-Control"] = _FOREVER if digest == assets.digest else _REVALIDATE
        return response

    if not settings.playground:
        return routes

    @routes.get("/")
    def playground() -> Response:
        return show("playground")

    @routes.get("/queue", strict_slashes=True)
    def queue() -> Response:
        return show("queue")

    return routes


def _facts(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    """Return the facts about the service that the pages need: see `facts` in static/common/service.js."""
    ceilings = AskedLimits.ceilings(settings)
    defaults = {
        "timeout": settings.timeout,
        "cpu": min(settings.timeout, settings.cpu_max),
        "memory_mb": settings.memory_mb,
        "processes": settings.processes,
    }
    least = {"timeout": 0.1, "cpu": 0.1, "memory_mb": MEMORY_MB_LEAST, "processes": 1}
    return {
        "version": VERSION,
        "keys": credentials.required,
        "limits": {
            name: {"default": defaults[name], "least": least[name], "most": ceilings[name]}
            for name in ceilings
        },
    }
