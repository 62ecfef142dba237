"""The service in containers, set up as its README says from a clean copy of this checkout."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx

from tests.support.checkout import ROOT
from tests.support.engine import Engine
from tests.support.service import free_port

SERVICES: Final = ("redis", "api", "worker")

#: Seconds for a command: a build of both images is the longest.
_WITHIN: Final = 400


@dataclass(frozen=True)
class Stack:
    """A running stack. said: what setup_local.sh printed. client speaks HTTP to it."""

    folder: Path
    environment: dict[str, str]
    client: httpx.Client
    said: str

    def execute(self, script: str, **fields: Any) -> httpx.Response:
        """Post `script` to /execute."""
        return self.client.post("/execute", json={"script": script, **fields})

    def compose(self, *arguments: str) -> str:
        """Run Compose and return what it prints."""
        ran = self.try_compose(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def try_compose(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run Compose, with more in its environment, and return how it ended."""
        return _run(["docker", "compose", *arguments], self.folder, self.environment | environment)

    def inside(self, service: str, *command: str) -> str:
        """Run a command in the container of a service."""
        return self.compose("exec", "-T", service, *command)

    def containers(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine knows of the containers of a service."""
        ids = self.compose("ps", "--all", "--quiet", service).split()
        ran = _run(["docker", "inspect", *ids], self.folder, self.environment)
        found: list[dict[str, Any]] = json.loads(ran.stdout)
        return found

    def logs(self, container: str) -> str:
        """Return what a container has written."""
        ran = _run(["docker", "logs", container], self.folder, self.environment)
        return ran.stdout + ran.stderr

    def setting(self, name: str) -> str:
        """Return a line of .env."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)[name]

    def workers(self) -> list[dict[str, Any]]:
        """Return the workers that consume; none where the service is not ready."""
        try:
            answer = self.client.get("/health/ready")
        except httpx.TransportError:
            return []
        found: list[dict[str, Any]] = answer.json()["workers"] if answer.is_success else []
        return found


@contextmanager
def running_stack(engine: Engine, *arguments: str) -> Iterator[Stack]:
    """Run setup_local.sh with `arguments` on a free port; undo it in the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        checkout(folder)
        project = f"pyx-test-{secrets.token_hex(3)}"
        port = free_port()
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            **{name: value for name, value in engine.environment.items() if name.startswith("DOCKER_")},
            "COMPOSE_PROJECT_NAME": project,
            "PORT": str(port),
            "TAG": project,
        }
        stack.callback(_run, ["./setup_local.sh", "--down"], folder, environment)
        ran = _run(["./setup_local.sh", *arguments], folder, environment)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60))
        yield Stack(folder, environment, client, ran.stdout)


def checkout(folder: Path) -> None:
    """Copy what is tracked into `folder`, as a clone has it."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, names.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
