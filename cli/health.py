"""Say by the exit status whether the API of this container serves requests: `python -m cli.health`.

Asked every few seconds, so it imports next to nothing.
"""

import os
import socket
import sys
from typing import Final

_WITHIN: Final = 3.0

_REQUEST: Final = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def main() -> int:
    """Ask /health/live on this machine; return 0 if it says yes."""
    port = int(os.environ.get("PORT") or 8080)
    try:
        with socket.create_connection(("localhost", port), _WITHIN) as connection:
            connection.sendall(_REQUEST)
            status = connection.makefile("rb").readline()
    except OSError as error:
        sys.exit(f"port {port}: {error}")
    return 0 if b" 200 " in status else 1


if __name__ == "__main__":
    sys.exit(main())
