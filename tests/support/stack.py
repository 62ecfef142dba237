"""The service in containers, set up by setup_local.sh in a clean copy of this checkout."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from tests.support.checkout import clone_checkout
from tests.support.engine import Engine
from tests.support.service import free_port

SERVICES: Final = ("redis", "api", "worker")

#: Seconds for one command. Building both images takes longest.
_COMMAND_TIMEOUT: Final = 400


@dataclass(frozen=True)
class Stack:
    """A running stack of containers.

    Attributes:
        folder: The copy of the checkout from which it was started.
        environment: The environment of setup_local.sh and of Compose.
        client: An HTTP client of the API.
        setup_output: The output of setup_local.sh.
    """

    folder: Path
    environment: dict[str, str]
    client: httpx.Client
    setup_output: str

    def execute(self, script: str, **fields: Any) -> httpx.Response:
        """Send `script` to POST /execute."""
        return self.client.post("/execute", json={"script": script, **fields})

    def compose(self, *arguments: str) -> str:
        """Run a Compose command and return its output; fail the test if it fails."""
        ran = self.try_compose(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def try_compose(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a Compose command with additional environment variables; return how it ended."""
        return _run(["docker", "compose", *arguments], self.folder, self.environment | environment)

    def execute_in(self, service: str, *command: str) -> str:
        """Run a command in the container of a service and return its output."""
        return self.compose("exec", "-T", service, *command)

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return the output of `docker inspect` for the containers of a service."""
        ids = self.compose("ps", "--all", "--quiet", service).split()
        ran = _run(["docker", "inspect", *ids], self.folder, self.environment)
        containers: list[dict[str, Any]] = json.loads(ran.stdout)
        return containers

    def logs(self, container: str) -> str:
        """Return the output of a container so far."""
        ran = _run(["docker", "logs", container], self.folder, self.environment)
        return ran.stdout + ran.stderr

    def setting(self, name: str) -> str:
        """Return the value of a setting in .env."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)[name]

    def workers(self) -> list[dict[str, Any]]:
        """Return the workers that take jobs; none while the service is not ready."""
        try:
            answer = self.client.get("/health/ready")
        except httpx.TransportError:
            return []
        workers: list[dict[str, Any]] = answer.json()["workers"] if answer.is_success else []
        return workers


@contextmanager
def running_stack(engine: Engine, *options: str) -> Iterator[Stack]:
    """Run setup_local.sh with `options` on a free port; run it with --down afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        clone_checkout(folder)
        project = f"pyx-test-{secrets.token_hex(3)}"
        port = free_port()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **engine.client_variables,
            "COMPOSE_PROJECT_NAME": project,
            "PORT": str(port),
            "TAG": project,
        }
        stack.callback(_run, ["./setup_local.sh", "--down"], folder, environment)
        setup = _run(["./setup_local.sh", *options], folder, environment)
        assert setup.returncode == 0, setup.stdout + setup.stderr
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        yield Stack(folder, environment, client, setup.stdout)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_COMMAND_TIMEOUT,
        check=False,
    )
