"""The security headers of the pages.

A script and the maker of a link choose much of what the pages show. The policy forbids what an injection
needs:

- scripts and styles come only from files of this service, never from the page's text or from attributes;
- with Trusted Types and no policy, the browser refuses every string that would become HTML or code;
- pictures come from this service or from bytes that the page has fetched, requests go only to this service;
- no other page can frame this one, and forms and base URLs go nowhere.

Sources: Content Security Policy Level 3, Trusted Types (W3C).
"""

from collections.abc import Mapping
from typing import Final

_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}

#: What differs at `/docs`, because Swagger UI, a library of others, needs it.
_POLICY_OF_DOCS: Final = {
    # Its style sheet has its arrows and marks as data: URLs.
    "img-src": "'self' blob: data:",
    # It gives the HTML of descriptions to React as strings. All of them come from the service's own document.
    "require-trusted-types-for": None,
    "trusted-types": None,
}


def _security(changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the headers of a page whose policy has some changes; None leaves a directive out."""
    policy = {**_POLICY, **changes}
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items() if value),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        # For browsers without frame-ancestors.
        "X-Frame-Options": "DENY",
    }


#: The headers of the playground, of the queue page, and of the files that pages load.
SECURITY: Final = _security({})
#: The headers of `/docs`.
SECURITY_OF_DOCS: Final = _security(_POLICY_OF_DOCS)
