"""The checks by which a container engine tells whether a part is healthy."""

import os
import subprocess
import sys

from tests.support.checkout import ROOT
from tests.support.server import redis_server
from tests.support.service import Service, free_port


def _check(module: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_an_api_that_serves_is_healthy(service: Service) -> None:
    assert _check("cli.health", PORT=str(service.client.base_url.port)).returncode == 0


def test_an_api_that_is_not_there_is_not(service: Service) -> None:
    port = free_port()
    ended = _check("cli.health", PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"port {port}: ")
    assert ended.stderr.count("\n") == 1


def test_a_worker_that_consumes_is_healthy(service: Service) -> None:
    assert _check("worker.health", REDIS_URL=service.redis_url).returncode == 0


def test_a_worker_that_redis_has_not_heard_of_is_not() -> None:
    with redis_server() as url:
        assert _check("worker.health", REDIS_URL=url).returncode == 1


def test_a_worker_without_redis_is_not() -> None:
    ended = _check("worker.health", REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Redis does not answer: ")
