"""The proxy of the environment, as other programs find it."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2


def find_proxy(url: str) -> httpx2.Proxy | None:
    """Return the proxy for a URL by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; None for none.

    Raises:
        ValueError: The proxy is not one of HTTP.
    """
    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise ValueError(f"the proxy for {parts.scheme} in the environment must be http:// or https://")
    return httpx2.Proxy(proxy)
