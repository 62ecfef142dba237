"""The health checks that a container engine runs in the containers of the API and the worker."""

import os
import subprocess
import sys

from tests.support.checkout import ROOT
from tests.support.server import redis_server
from tests.support.service import Service, free_port


def _health(module: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_api_is_healthy_when_it_serves(service: Service) -> None:
    assert _health("cli.health", PORT=str(service.client.base_url.port)).returncode == 0


def test_api_is_unhealthy_when_it_does_not_run(service: Service) -> None:
    port = free_port()
    ran = _health("cli.health", PORT=str(port))
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"port {port}: ")
    assert ran.stderr.count("\n") == 1


def test_worker_is_healthy_when_it_consumes(service: Service) -> None:
    assert _health("worker.health", REDIS_URL=service.redis_url).returncode == 0


def test_worker_is_unhealthy_when_it_is_not_registered() -> None:
    with redis_server() as url:
        assert _health("worker.health", REDIS_URL=url).returncode == 1


def test_worker_is_unhealthy_when_redis_does_not_answer() -> None:
    ran = _health("worker.health", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert ran.returncode == 1
    assert ran.stderr.startswith("Redis does not answer: ")
