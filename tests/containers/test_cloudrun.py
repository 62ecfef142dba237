"""One instance of deploy/cloud-run/service.yaml, on a stand-in of Cloud Run's first generation."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.schemas import Ready
from config.credentials import new_key
from jobs.outcome import SandboxKind
from tests.support import cloudrun
from tests.support.cloudrun import Instance
from tests.support.engine import Engine
from tests.support.examples import EXAMPLES, Example
from tests.support.images import built
from tests.support.need import need

# The first test waits for the lab, and for two images.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

KEY, ENTRY = new_key("tests")

#: Not the one of the file, and no other container's.
PORT = 5099


@pytest.fixture(scope="module")
def images(engine: Engine) -> Iterator[dict[str, str]]:
    """The image of each container."""
    with built(engine) as images:
        yield images


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The file, with another port for requests, as somebody may choose."""
    service = cloudrun.manifest(REGION="europe-west1", PROJECT="project", VERSION="test")
    for container in service["spec"]["template"]["spec"]["containers"]:
        for port in container.get("ports", ()):
            port["containerPort"] = PORT
        for probe in ("startupProbe", "livenessProbe"):
            if "httpGet" in container.get(probe, {}):
                container[probe]["httpGet"]["port"] = PORT
    return service


@pytest.fixture(scope="module")
def instance(engine: Engine, images: dict[str, str], manifest: dict[str, Any]) -> Iterator[Instance]:
    """An instance that takes requests."""
    if os.geteuid() != 0:
        need("gVisor's own command needs root")
    with cloudrun.running(engine, images, manifest, {"python-executor-api-keys": ENTRY}) as instance:
        yield instance


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    """A client with a key."""
    url = f"http://{instance.sandbox.address}:{instance.port}"
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as client:
        yield client


def test_the_port_that_is_told_is_obeyed(instance: Instance, client: httpx.Client) -> None:
    assert instance.port == PORT
    assert client.get("/health/live").status_code == 200


def test_nobody_comes_in_without_a_key(client: httpx.Client) -> None:
    sent = client.post(
        "/execute", json={"script": "def main():\n    return {}"}, headers={"Authorization": ""}
    )
    assert sent.status_code == 401


def test_the_worker_falls_back_and_says_so(instance: Instance, client: httpx.Client) -> None:
    (worker,) = Ready.model_validate_json(client.get("/health/ready").content).workers
    assert worker.sandbox == SandboxKind.RESTRICTED
    assert worker.detail.startswith("a guarded language, and a kernel that lets a script open")
    assert "NO JAIL WORKS HERE" in instance.sandbox.said("worker")


def test_the_restricted_executor_passes_its_self_test_in_the_worker(instance: Instance) -> None:
    ran = instance.sandbox.execute(
        "worker", *("python", "-P", "-m", "sandbox", "selftest", "--sandbox", "restricted")
    )
    missed = [line for line in ran.stdout.splitlines() if " ok " not in line]
    assert ran.returncode == 0, "\n".join([*missed, ran.stderr])


def test_a_worker_that_is_told_to_use_jails_does_not_start(instance: Instance) -> None:
    ran = instance.sandbox.execute("worker", "env", "SANDBOX=nsjail", "python", "-P", "-m", "worker")
    assert ran.returncode == 2
    assert ran.stderr.startswith("python-executor: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if SandboxKind.RESTRICTED in one.sandboxes], ids=lambda one: one.name
)
def test_examples_answer_right(client: httpx.Client, example: Example) -> None:
    answer = client.post("/execute", json={"script": example.script, **example.request})
    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert {field: job[field] for field in example.answer} == example.answer
    assert job["sandbox"] == SandboxKind.RESTRICTED


def test_a_script_that_needs_a_jail_is_refused_with_its_line(client: httpx.Client) -> None:
    script = "import subprocess\ndef main():\n    return {}"
    answer = client.post("/execute", json={"script": script})
    assert answer.status_code == 400
    assert (answer.json()["error"]["type"], answer.json()["error"]["line"]) == ("forbidden_import", 1)


def test_limits_hold(client: httpx.Client) -> None:
    endless = client.post(
        "/execute", json={"script": "def main():\n    while True: pass", "limits": {"timeout": 1}}
    )
    assert (endless.status_code, endless.json()["error"]["type"]) == (422, "timeout")
    large = client.post("/execute", json={"script": "def main():\n    return {'n': len(' ' * 10**9)}"})
    assert (large.status_code, large.json()["error"]["type"]) == (422, "memory_limit")


# The last one: nothing of the instance is left afterwards.
def test_everything_stops_cleanly_in_time(instance: Instance, client: httpx.Client) -> None:
    assert client.get("/health/ready").status_code == 200
    assert instance.stop() == {"api": 0, "worker": 0, "redis": 0}
