"""Say once that the service is ready, and how to use it."""

import http.client
import json
import os
import shlex
import sys
import time
from dataclasses import dataclass

from config.credentials import load_credentials
from config.settings import load_settings

#: Seconds everything may take to become ready, and the pauses between two looks.
DEADLINE = 30.0
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0

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
        return self.status == http.HTTPStatus.OK


def wait_until_ready(host: str, port: int, deadline: float = DEADLINE) -> Answer:
    """Ask /health/ready until it says yes or `deadline` seconds have passed; return its last answer."""
    end = time.monotonic() + deadline
    pause = FIRST_PAUSE
    while not (answer := ask(host, port)).ready and time.monotonic() < end:
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return answer


def ask(host: str, port: int) -> Answer:
    """Ask /health/ready once."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return Answer(response.status, response.read().decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, str(error))
    finally:
        connection.close()


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


def main() -> None:
    """Wait until the service is ready, say so, and become a process that waits to be stopped."""
    settings = load_settings()
    host, port = _reachable(settings.host), settings.port
    keys = load_credentials(settings).required
    answer = wait_until_ready(host, port)
    if not answer.ready:
        sys.exit(f"python-executor: not ready after {DEADLINE:g} seconds: {answer.text.strip()}")
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    print(banner(url, _sandboxes(answer.text), keys=keys), flush=True)
    # A part that ends would take the others with it; one that only waits need not be this large.
    os.execvp("sleep", ("sleep", "infinity"))  # noqa: S607


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def _sandboxes(text: str) -> str:
    workers = json.loads(text).get("workers", [])
    return ", ".join(sorted({f"{worker['sandbox']} ({worker['detail']})" for worker in workers}))


if __name__ == "__main__":
    main()
