"""A gunicorn that serves the API, for one test or many."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil

from config.redis import connect
from store import keys
from tests.support.checkout import ROOT
from tests.support.service import free_port
from tests.support.wait import eventually


@dataclass(frozen=True)
class Server:
    """A running gunicorn.

    Attributes:
        client: A client with a new connection for each request. A server may close an idle connection while the
            next request is on its way (RFC 9112, section 9.5), and this server does so when connections run out.
    """

    process: subprocess.Popen[bytes]
    client: httpx.Client
    port: int
    scratch: Path

    @property
    def log(self) -> str:
        """Return the text that the server has written to standard error so far."""
        return (self.scratch / "log").read_text()

    def exchange(self, sent: bytes) -> tuple[str, dict[str, Any]]:
        """Send bytes on a new connection; return the status line and the JSON of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(sent)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"Content-Type: application/json" in head
        return head.splitlines()[0].decode(), json.loads(body)

    def connections(self) -> int:
        """Return the number of open connections of all server processes, those that the client has closed included."""
        processes = psutil.Process(self.process.pid).children()
        open_ones = [one for process in processes for one in process.net_connections("tcp")]
        return sum(bool(one.raddr) and one.laddr.port == self.port for one in open_ones)


def count_awaited_jobs(redis_url: str) -> int:
    """Return the number of jobs that some request waits for."""
    with connect(redis_url) as redis:
        names = list(redis.scan_iter(f"{keys.JOB}*", count=1000))
        return sum(bool(redis.hget(name, "waiters")) for name in names)


@contextmanager
def serving(redis_url: str, *arguments: str, **settings: str) -> Iterator[Server]:
    """Serve with gunicorn, its command given `arguments` and its environment `settings`."""
    port = free_port()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(TemporaryDirectory()))
        log = stack.enter_context((scratch / "log").open("wb"))
        url, limits = f"http://127.0.0.1:{port}", httpx.Limits(max_keepalive_connections=0)
        client = stack.enter_context(httpx.Client(base_url=url, limits=limits, timeout=30))
        command = ["-m", "gunicorn", "--config", "config/gunicorn.py", *arguments, "api.app:create()"]
        environment = {
            "PATH": os.environ["PATH"],
            "REDIS_URL": redis_url,
            "PORT": str(port),
            "TMPDIR": str(scratch),
            **settings,
        }
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stderr=log)
        try:
            eventually(lambda: _lives(client), within=20, what="gunicorn serves")
            yield Server(process, client, port, scratch)
        finally:
            process.terminate()
            process.wait(20)


def _lives(client: httpx.Client) -> bool:
    try:
        return client.get("/health/live").is_success
    except httpx.TransportError:
        return False
