"""The whole service: Redis, a worker and the API, each a process that the real command starts."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from sandbox.packages import Packages
from tests.support.checkout import ROOT
from tests.support.process import running
from tests.support.server import redis_server
from tests.support.wait import eventually


@dataclass(frozen=True)
class Service:
    """A running service.

    Attributes:
        client: An HTTP client of the API.
        redis_url: The address of its Redis.
        api: The process of the API.
        worker: The process of the worker.
        log: The log file of both, in a folder that is the TMPDIR of both.
    """

    client: httpx.Client
    redis_url: str
    api: subprocess.Popen[bytes]
    worker: subprocess.Popen[bytes]
    log: Path

    def execute(self, script: str, **fields: Any) -> httpx.Response:
        """Post `script` to /execute."""
        return self.client.post("/execute", json={"script": script, **fields})


@contextmanager
def running_service(**settings: str) -> Iterator[Service]:
    """Start the service on a free port, with `settings` in its environment; yield it once it is ready."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch.chmod(0o755)
        redis_url = stack.enter_context(redis_server())
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(scratch),
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": redis_url,
            "PORT": str(port),
            # Without a setting, only the standard library: not what this machine happens to have.
            "ENVIRONMENTS": str(scratch / "environments"),
            **settings,
        }
        log = scratch / "log"
        output = stack.enter_context(log.open("wb"))
        worker = stack.enter_context(running([sys.executable, "-m", "worker"], environment, output))
        api = stack.enter_context(running([sys.executable, "-m", "cli.main", "api"], environment, output))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        service = Service(client, redis_url, api, worker, log)
        eventually(lambda: _ready(service), within=60, what="the service is ready")
        yield service


def service_with(packages: Packages, **settings: str) -> AbstractContextManager[Service]:
    """Start a service with the environment of some packages. It waits for jobs on a slow machine too."""
    folder = packages.folder.parents[1]
    return running_service(SANDBOX="nsjail", ENVIRONMENTS=str(folder), EXECUTE_WAIT="60", **settings)


def free_port() -> int:
    """Return a TCP port on which no server listens now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _ready(service: Service) -> bool:
    for name, process in (("api", service.api), ("worker", service.worker)):
        if process.poll() is not None:
            raise AssertionError(f"the {name} ended: {service.log.read_text()}")
    try:
        return service.client.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False
