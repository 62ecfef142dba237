"""Checks before anything starts. Each fault ends start-up with one line."""

import errno
import socket
from importlib.util import find_spec

from config.settings import exit_with


def require_modules(command: str, *modules: str) -> None:
    """End start-up unless all `modules` are installed."""
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        exit_with(
            f"`{command}` needs {', '.join(missing)}, which is not installed: "
            "`make install`, or `pip install '.[api,worker,run]'` in the source tree"
        )


def require_room(room: str, command: str) -> None:
    """End unless this installation has the room. The API image has no code for the host of a worker."""
    if find_spec(room) is None:
        exit_with(
            f"`{command}` is for the host of a worker, and this is the image of the API: "
            f"`docker run --rm python-executor-worker {room}`, with the options that the worker has"
        )


def require_free_port(host: str, port: int) -> None:
    """End start-up unless a server can listen on `host` and `port`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            exit_with(f"PORT: {port} is in use on {host}; PORT={port + 1} would choose another")
        exit_with(f"HOST, PORT: cannot listen on {host} port {port}: {error.strerror}")
