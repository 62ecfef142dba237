"""The address of the API: free, or in use by the service already."""

import errno
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any, Final

from config.settings import Settings
from doctor.finding import Finding

_NAME: Final = "address"

_TIMEOUT: Final = 3.0
_ANSWER_MAX: Final = 100_000


def examine(settings: Settings) -> Iterator[Finding]:
    """Check that a server can listen on HOST and PORT, or that it is our API that listens there."""
    host, port = settings.host, settings.port
    found = f"{host} port {port}"
    mend = f"PORT={port + 1 if 1024 <= port < 65535 else 8080} python-executor run"
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            yield _occupied(host, port)
        elif error.errno == errno.EACCES:
            yield Finding.failed(_NAME, f"{found} needs a privilege", mend)
        else:
            mend = "HOST=127.0.0.1 python-executor run"
            yield Finding.failed(_NAME, f"cannot listen on {found}: {error.strerror or error}", mend)
    else:
        yield Finding.ok(_NAME, f"{found} is free")


def _occupied(host: str, port: int) -> Finding:
    """Return the finding for an address that is in use."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    answer = _readiness(reachable, port)
    if answer.get("status") == "ready" and isinstance(answer.get("workers"), list):
        workers = len(answer["workers"])
        return Finding.ok(_NAME, f"the service runs at {host} port {port}, with {workers} worker(s)")
    error = answer.get("error")
    if isinstance(error, dict) and error.get("type") == "unavailable":
        return Finding.warning(
            _NAME,
            f"the API runs at {host} port {port} and is not ready: {error.get('message')}",
            "python-executor worker  # with the REDIS_URL of the API",
        )
    return Finding.failed(
        _NAME,
        f"another program listens on {host} port {port}",
        f"PORT={port + 1 if port < 65535 else 8080} python-executor run  "
        f"# or end that program, which `ss -ltnp 'sport = :{port}'` names",
    )


def _readiness(host: str, port: int) -> dict[str, Any]:
    """Return the answer of /health/ready; empty if another program answers, or none."""
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/health/ready")
        answer = json.loads(connection.getresponse().read(_ANSWER_MAX))
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
