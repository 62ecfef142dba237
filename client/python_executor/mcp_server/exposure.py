"""Check that other machines cannot run scripts without a key."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from python_executor.client import Client
from python_executor.errors import AuthenticationFailed, PythonExecutorError

_ALL_ADDRESSES: Final = ("0.0.0.0", "::", "")  # noqa: S104

#: Seconds that the service may take to say whether it needs keys.
_ASKING: Final = 10.0


def check_exposure(url: str, host: str, allowed_hosts: Sequence[str], *, allow_unauthenticated: bool) -> None:
    """Refuse to listen for other machines if they could run scripts without a key.

    Args:
        url: The URL of the service.
        host: The address to listen on.
        allowed_hosts: The names by which clients call this server.
        allow_unauthenticated: Whether the service may be one that needs no key.

    Raises:
        ValueError: The server is not safe there, or the service does not say whether it needs keys.
    """
    if _is_loopback(host):
        return
    if host in _ALL_ADDRESSES and not allowed_hosts:
        raise ValueError(f"to listen on {host or 'all addresses'}, name this server with --allowed-host")
    if allow_unauthenticated:
        return
    try:
        with Client(url, "", timeout=_ASKING) as client:
            client.environments()
    except AuthenticationFailed:
        return
    except PythonExecutorError as error:
        raise ValueError(f"cannot ask the service whether it needs API keys: {error}") from None
    raise ValueError(
        f"the service needs no API key, so all machines that reach {host} could run scripts: give it keys, "
        "listen on the loopback, or pass --allow-unauthenticated"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
