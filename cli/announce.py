"""Say once that the service is ready, and how to use it."""

import json
import shlex
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from config.names import DISTRIBUTION

#: Seconds everything may take to become ready, and the pause between two looks.
DEADLINE = 30.0
PAUSE = 0.05

_OK = 200

#: The script of the request to try; without a quote, so that it can stand between a shell's.
SCRIPT = "def main(name):\n    return dict(hello=name)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said of itself: the HTTP status (None where it said nothing) and the text."""

    status: int | None
    text: str

    @property
    def ready(self) -> bool:
        """Say whether jobs can be sent."""
        return self.status == _OK


def wait_until_ready(
    host: str, port: int, deadline: float = DEADLINE, wait: Callable[[float], None] = time.sleep
) -> Answer:
    """Ask /health/ready until it says yes or `deadline` seconds have passed; return its last answer.

    wait: takes a pause of so many seconds; what it raises ends the waiting.
    """
    end = time.monotonic() + deadline
    while not (answer := ask(host, port)).ready and time.monotonic() < end:
        wait(PAUSE)
    return answer


def ask(host: str, port: int) -> Answer:
    """Ask /health/ready once, with as little of HTTP as that takes."""
    request = f"GET /health/ready HTTP/1.0\r\nHost: {DISTRIBUTION}\r\n\r\n".encode()
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(request)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return Answer(int(head.split()[1]), body.decode("utf-8", "replace"))
    except (OSError, ValueError, IndexError) as error:
        return Answer(None, str(error))


def banner(url: str, sandboxes: str, *, keys: bool) -> str:
    """Return the lines that say that the service is ready. keys: whether requests need an API key."""
    key = '-H "Authorization: Bearer $KEY" ' if keys else ""
    request = json.dumps({"script": SCRIPT, "inputs": {"name": "world"}})
    return f"""
python-executor is ready: {url}
sandbox: {sandboxes}
try:     curl -s {url}/execute -H 'Content-Type: application/json' {key}-d {shlex.quote(request)}
Ctrl-C stops it.
"""


def announced(host: str, port: int, keys: bool, wait: Callable[[float], None]) -> str:
    """Wait until the service is ready and return the banner; end the process where it does not become so."""
    host = _reachable(host)
    answer = wait_until_ready(host, port, wait=wait)
    if not answer.ready:
        sys.exit(f"{DISTRIBUTION}: not ready after {DEADLINE:g} seconds: {answer.text.strip()}")
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return banner(url, _sandboxes(answer.text), keys=keys)


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _sandboxes(text: str) -> str:
    workers = json.loads(text).get("workers", [])
    return ", ".join(sorted({f"{worker['sandbox']} ({worker['detail']})" for worker in workers}))
