"""The host names under which the API answers if it has no keys.

A web page can give its own host name the address 127.0.0.1 (DNS rebinding). A browser on this machine then
sends the page's requests to the API. It lets the page read the answers, because they come from the page's own
host. But the browser sends the page's host name as `Host`. An attacker needs a name in the public DNS for it;
addresses, `localhost` and names without a dot are none.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final

from flask import Flask, request

from api.errors import HostNotAllowed, InvalidRequest
from config.credentials import Credentials
from config.settings import Settings

#: A host and a port: an IPv4 address or a name, or an IPv6 address in brackets.
_AUTHORITY: Final = re.compile(
    r"(?P<name>[a-z0-9_-][a-z0-9._-]{0,254}|\[[0-9a-f:.]{2,45}\])(:[0-9]{0,5})?", re.IGNORECASE
)
#: The request target of a request to a proxy: it names the host, too (RFC 9112, section 3.2.2).
_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?P<authority>[^/?#]*)", re.IGNORECASE)

#: The value of HOSTS that allows every name.
_ANY: Final = "*"


def register(app: Flask, settings: Settings, credentials: Credentials) -> None:
    """Refuse requests to other hosts, unless `app` has keys: a page in a browser does not know them."""
    names = {name.strip().lower().removesuffix(".") for name in (settings.hosts or "").split(",")}
    if credentials.required or _ANY in names:
        return

    @app.before_request
    def check_host() -> None:
        for authority in _authorities(request.environ):
            name = _name(authority)
            if not (_is_local(name) or name in names):
                raise HostNotAllowed(
                    f"the host {name} is not allowed: without API keys, the setting HOSTS must list it"
                )


def _authorities(environ: Mapping[str, Any]) -> list[str]:
    """Return the hosts that the client names in the header and in the request target.

    HTTP/1.0 needs no `Host`. Every browser sends one.

    Raises:
        InvalidRequest: The header is missing.
    """
    sent = environ.get("HTTP_HOST")
    if sent is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
        raise InvalidRequest("the request has no header Host")
    target = _ABSOLUTE.match(environ.get("RAW_URI", ""))
    return ([] if sent is None else [sent]) + ([target["authority"]] if target else [])


def _name(authority: str) -> str:
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        # Two headers arrive as one value, with a comma between them.
        raise InvalidRequest("the request must name one host: a name or an address, and a port")
    return found["name"].lower().removesuffix(".")


@lru_cache(256)
def _is_local(name: str) -> bool:
    """Return whether the public DNS cannot have an entry for the name."""
    return not set(name) & set(".[") or name.endswith(".localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        return ip_address(name.strip("[]")).version == (6 if name.startswith("[") else 4)
    except ValueError:
        return False
