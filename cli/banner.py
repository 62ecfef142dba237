"""The banner that `python-executor run` prints once the service is ready: how to use it."""

import http.client
import json
import os
import shlex
import sys
import time
from dataclasses import dataclass

from config.credentials import load_credentials
from config.settings import load_settings

#: Seconds until the service must be ready, also on a slow host.
DEADLINE = 120.0

#: The shortest and the longest pause between two requests.
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0

#: The script of the example request. It has no quotes, so that the shell command stays readable.
SCRIPT = "def main(name):\n    return dict(hello=name)"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer of /health/ready.

    Attributes:
        status: The HTTP status; None if there was no answer.
        text: The body, or the connection's error.
    """

    status: int | None
    text: str

    @property
    def ready(self) -> bool:
        """Whether the service takes jobs."""
        return self.status == http.HTTPStatus.OK


def wait_until_ready(host: str, port: int, deadline: float = DEADLINE) -> Readiness:
    """Request /health/ready until the service is ready or `deadline` seconds have passed.

    Returns:
        The last answer.
    """
    end = time.monotonic() + deadline
    pause = FIRST_PAUSE
    while not (readiness := request_readiness(host, port)).ready and time.monotonic() < end:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return readiness


def request_readiness(host: str, port: int) -> Readiness:
    """Request /health/ready once."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return Readiness(response.status, response.read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Readiness(None, str(error))
    finally:
        connection.close()


def banner(url: str, sandboxes: str, *, keys: bool) -> str:
    """Return the text of the banner.

    Args:
        url: The address of the API.
        sandboxes: The sandboxes of the workers.
        keys: Whether requests need an API key.
    """
    key = '-H "Authorization: Bearer $KEY" ' if keys else ""
    request = json.dumps({"script": SCRIPT, "inputs": {"name": "world"}})
    return f"""
python-executor is ready: {url}
sandbox: {sandboxes}
try:     curl -s {url}/execute -H 'Content-Type: application/json' {key}-d {shlex.quote(request)}
Ctrl-C stops it.
"""


def main() -> None:
    """Wait until the service is ready, print the banner, and sleep until a signal comes."""
    settings = load_settings()
    host, port = _reachable(settings.host), settings.port
    keys = load_credentials(settings).required
    readiness = wait_until_ready(host, port)
    if not readiness.ready:
        sys.exit(f"python-executor: not ready after {DEADLINE:g} seconds: {readiness.text.strip()}")
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    print(banner(url, _sandboxes(readiness.text), keys=keys), flush=True)
    # If this process ended, the supervisor would stop all others. `sleep` needs less memory than Python.
    os.execvp("sleep", ("sleep", "infinity"))  # noqa: S607


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _sandboxes(text: str) -> str:
    workers = json.loads(text).get("workers", [])
    return ", ".join(sorted({f"{worker['sandbox']} ({worker['detail']})" for worker in workers}))


if __name__ == "__main__":
    main()
