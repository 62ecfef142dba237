"""One instance of deploy/cloud-run/service.yaml, on a stand-in for Cloud Run's first generation."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from config.credentials import new_key
from jobs.outcome import SandboxKind
from tests.support import deployment
from tests.support.cloudrun import Instance, load_manifest, running_instance
from tests.support.engine import Engine
from tests.support.examples import EXAMPLES, Example
from tests.support.need import need
from tests.support.selftest import assert_selftest_passed

# The first test waits for the engine and for two images.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

KEY, ENTRY = new_key("tests")

#: A port that neither the file nor another container uses.
PORT = 5099


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The service, with a port of the operator's choice."""
    service = load_manifest(REGION="europe-west1", PROJECT="project", VERSION="test")
    for container in service["spec"]["template"]["spec"]["containers"]:
        for port in container.get("ports", ()):
            port["containerPort"] = PORT
        for probe in ("startupProbe", "livenessProbe"):
            if "httpGet" in container.get(probe, {}):
                container[probe]["httpGet"]["port"] = PORT
    return service


@pytest.fixture(scope="module")
def instance(engine: Engine, images: dict[str, str], manifest: dict[str, Any]) -> Iterator[Instance]:
    """An instance that accepts requests."""
    if os.geteuid() != 0:
        need("gVisor's own command needs root")
    with running_instance(engine, images, manifest, {"python-executor-api-keys": ENTRY}) as instance:
        yield instance


@pytest.fixture(scope="module")
def client(instance: Instance) -> Iterator[httpx.Client]:
    """A client that sends an API key."""
    with deployment.client_with_key(f"http://{instance.sandbox.address}:{instance.port}", KEY) as client:
        yield client


def test_api_listens_on_the_port_that_cloud_run_sets(instance: Instance, client: httpx.Client) -> None:
    assert instance.port == PORT
    assert client.get("/health/live").status_code == 200


def test_api_answers_401_when_the_key_is_missing(client: httpx.Client) -> None:
    deployment.assert_key_is_required(client)


def test_worker_uses_and_reports_the_restricted_executor(instance: Instance, client: httpx.Client) -> None:
    worker = deployment.only_worker(client)
    assert worker.sandbox == SandboxKind.RESTRICTED
    assert worker.detail.startswith("a guarded language, and a kernel that lets a script open")
    assert "NO JAIL WORKS HERE" in instance.sandbox.log("worker")


def test_self_test_passes_in_the_worker_container(instance: Instance) -> None:
    command = ("python", "-P", "-m", "sandbox", "selftest", "--sandbox", "restricted")
    assert_selftest_passed(instance.sandbox.execute("worker", *command))


def test_worker_does_not_start_when_nsjail_is_required(instance: Instance) -> None:
    ran = instance.sandbox.execute("worker", "env", "SANDBOX=nsjail", "python", "-P", "-m", "worker")
    assert ran.returncode == 2
    assert ran.stderr.startswith("python-executor: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if SandboxKind.RESTRICTED in example.sandboxes],
    ids=lambda example: example.name,
)
def test_example_gets_its_documented_answer(client: httpx.Client, example: Example) -> None:
    job = deployment.assert_example_succeeds(client, example)
    assert job["sandbox"] == SandboxKind.RESTRICTED


def test_api_rejects_a_forbidden_import_with_its_line(client: httpx.Client) -> None:
    script = "import subprocess\ndef main():\n    return {}"
    answer = client.post("/execute", json={"script": script})
    assert answer.status_code == 400
    assert (answer.json()["error"]["type"], answer.json()["error"]["line"]) == ("forbidden_import", 1)


def test_job_fails_with_timeout_when_its_script_never_ends(client: httpx.Client) -> None:
    answer = client.post(
        "/execute", json={"script": "def main():\n    while True: pass", "limits": {"timeout": 1}}
    )
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "timeout")


def test_job_fails_with_memory_limit_when_its_script_takes_too_much(client: httpx.Client) -> None:
    deployment.assert_memory_is_limited(client)


# This test must be the last one: it stops the instance.
def test_containers_exit_with_status_0_within_the_grace_period(
    instance: Instance, client: httpx.Client
) -> None:
    assert client.get("/health/ready").status_code == 200
    assert instance.stop() == {"api": 0, "worker": 0, "redis": 0}
