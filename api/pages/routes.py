"""The routes of the pages and of the files that they load."""

import json
from typing import Any, Final

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from api.pages.assets import Asset, Assets
from api.pages.headers import SECURITY
from api.submission import AskedLimits
from config.credentials import Credentials
from config.names import VERSION
from config.settings import Settings
from jobs.limits import MEMORY_MB_LEAST

#: The URL of a file has the digest of all files, so its content never changes.
_FOREVER: Final = "public, max-age=31536000, immutable"
#: During an upgrade a page of one version may ask an API process of another. It gets what there is.
_REVALIDATE: Final = "no-cache"


def page_routes(settings: Settings, credentials: Credentials, assets: Assets) -> Blueprint:
    """Return `/`, `/queue` and their files. They need no key: the pages themselves have no data."""
    routes = Blueprint("pages", __name__, template_folder="templates")
    facts = json.dumps(_facts(settings, credentials))
    pages: dict[str, Asset] = {}

    def page(name: str) -> Response:
        if name not in pages:
            modules = (
                assets.modules("vendor", "common", name)
                if name == "playground"
                else assets.modules("common", name)
            )
            text = render_template(
                f"{name}.html", assets=f"pages/{assets.digest}", facts=facts, modules=modules
            )
            pages[name] = Asset(text.encode(), "text/html; charset=utf-8")
        response = pages[name].response()
        response.headers["Cache-Control"] = _REVALIDATE
        return response

    @routes.after_request
    def add_security(response: Response) -> Response:
        response.headers.update(SECURITY)
        return response

    @routes.get("/")
    def playground() -> Response:
        return page("playground")

    # The page's own links do not work below `/queue/`.
    @routes.get("/queue", strict_slashes=True)
    def queue() -> Response:
        return page("queue")

    @routes.get("/pages/<digest>/<path:path>")
    def serve_asset(digest: str, path: str) -> Response:
        asset = assets.get(path)
        if asset is None:
            raise NotFound
        response = asset.response()
        response.headers["Cache-Control"] = _FOREVER if digest == assets.digest else _REVALIDATE
        return response

    return routes


def _facts(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    """Return what the pages must know of the service: see `facts` in static/common/service.js."""
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
