"""A probe of a container over the network, as a kubelet asks it."""

import http.client
import socket
from collections.abc import Mapping
from contextlib import closing
from typing import Any


def passes(probe: Mapping[str, Any], host: str, port: int) -> bool:
    """Ask once. probe: with a `tcpSocket` or an `httpGet`. port: what it is about."""
    within = probe.get("timeoutSeconds", 1)
    try:
        if "tcpSocket" in probe:
            socket.create_connection((host, port), within).close()
            return True
        with closing(http.client.HTTPConnection(host, port, timeout=within)) as connection:
            connection.request("GET", probe["httpGet"]["path"])
            return 200 <= connection.getresponse().status < 400
    except (OSError, http.client.HTTPException):
        return False
