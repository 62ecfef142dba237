"""What is looked at before anything starts; each fault ends start-up with one line."""

import errno
import socket
from importlib.util import find_spec

from config.settings import refuse


def require(command: str, *modules: str) -> None:
    """End start-up unless every one of `modules` is installed."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        refuse(
            f"`{command}` needs {', '.join(missing)}, which is not installed: "
            "`make install`, or `pip install '.[api,worker,run]'` in the source tree"
        )


def refuse_taken_port(host: str, port: int) -> None:
    """End start-up unless the address is free to listen on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            refuse(f"PORT: {port} is in use on {host}; PORT={port + 1} would choose another")
        refuse(f"HOST, PORT: cannot listen on {host} port {port}: {error.strerror}")
