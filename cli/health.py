"""The health check of the API's container: `python -m cli.health`.

It exits with 0 if the API of this container answers /health/live, else with 1. The container engine runs
it every few seconds, so it imports only small modules.
"""

import os
import socket
import sys
from typing import Final

_TIMEOUT: Final = 3.0

_REQUEST: Final = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def main() -> int:
    """Request /health/live on PORT of this machine; return 0 if the status is 200, else 1."""
    port = int(os.environ.get("PORT") or 8080)
    try:
        with socket.create_connection(("localhost", port), _TIMEOUT) as connection:
            connection.sendall(_REQUEST)
            status = connection.makefile("rb").readline()
    except OSError as error:
        sys.exit(f"port {port}: {error}")
    return 0 if b" 200 " in status else 1


if __name__ == "__main__":
    sys.exit(main())
