"""A Kubernetes probe of a container, requested over the network as the kubelet does."""

import http.client
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any


def passes(probe: Mapping[str, Any], host: str, port: int) -> bool:
    """Run `probe` once.

    Args:
        probe: A probe of a manifest, with `tcpSocket` or `httpGet`.
        host: The address of the container.
        port: The port to connect to.
    """
    timeout = probe.get("timeoutSeconds", 1)
    try:
        if "tcpSocket" in probe:
            socket.create_connection((host, port), timeout).close()
            return True
        with closing(http.client.HTTPConnection(host, port, timeout=timeout)) as connection:
            connection.request("GET", probe["httpGet"]["path"])
            return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
