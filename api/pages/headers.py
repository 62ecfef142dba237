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

#: The headers of a page and of the files that it loads.
SECURITY: Final = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # For browsers without frame-ancestors.
    "X-Frame-Options": "DENY",
}
