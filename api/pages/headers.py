"""The security headers of the pages.

A script and the maker of a link choose much of what the pages show. The policy forbids what an injection
needs:

- scripts and styles come only from files of this service, never from the page's text or from attributes;
- with Trusted Types and no policy, the browser refuses every string that would become HTML or code;
- pictures come from this service or from bytes that the page has fetched, requests go only to this service;
- no other page can frame this one, and forms and base URLs go nowhere.

Sources: Content Security Policy Level 3, Trusted Types (W3C).
"""

from typing import Final

_DIRECTIVES: Final = {
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

#: The directives of `/docs`. They differ because of Swagger UI, a library of others.
_DIRECTIVES_OF_DOCS: Final = {
    **{name: value for name, value in _DIRECTIVES.items() if "trusted-types" not in name},
    # Swagger UI gives the HTML of descriptions to React as strings, so Trusted Types are left out above. All
    # descriptions come from the service's own document. Its style sheet has arrows and marks as data: URLs.
    "img-src": "'self' blob: data:",
}


def _policy(directives: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in directives.items())


#: The policy of `/docs`. SECURITY has that of the other pages.
POLICY_OF_DOCS: Final = _policy(_DIRECTIVES_OF_DOCS)

#: The headers of all pages, and of the files that they load.
SECURITY: Final = {
    "Content-Security-Policy": _policy(_DIRECTIVES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # For browsers without frame-ancestors.
    "X-Frame-Options": "DENY",
}
