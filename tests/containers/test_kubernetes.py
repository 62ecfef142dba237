"""The pods of deploy/kubernetes, with the privileges, users, volumes and limits of the manifests."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from config.credentials import new_key
from jobs.environment import STDLIB
from jobs.outcome import SandboxKind
from tests.support import deployment, manifests
from tests.support.engine import Engine
from tests.support.examples import EXAMPLES
from tests.support.pods import Pod, running_pods
from tests.support.wait import eventually

# The first test waits for the engine and for two images.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

KEY, ENTRY = new_key("tests")
SECRETS = {"redis": "0123456789abcdef", "api-keys": ENTRY}

SANDBOXES = {"restricted": SandboxKind.RESTRICTED, "jail": SandboxKind.NSJAIL}


@pytest.fixture(scope="module", params=manifests.VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    """Each folder of manifests."""
    return str(request.param)


@pytest.fixture(scope="module")
def pods(engine: Engine, images: dict[str, str], variant: str) -> Iterator[dict[str, Pod]]:
    """One running pod of each kind."""
    with running_pods(engine, images, manifests.render(variant), SECRETS) as pods:
        yield pods


@pytest.fixture(scope="module")
def client(pods: dict[str, Pod]) -> Iterator[httpx.Client]:
    """A client that sends an API key."""
    with deployment.client_with_key(f"http://{pods['api'].address}:8080", KEY) as client:
        yield client


def test_pod_passes_its_readiness_and_liveness_probes(pods: dict[str, Pod]) -> None:
    for pod in pods.values():
        for kind in ("readinessProbe", "livenessProbe"):
            eventually(partial(pod.passes, kind), within=30, what=f"{pod.name} passes its {kind}")


def test_worker_uses_the_sandbox_of_its_variant(client: httpx.Client, variant: str) -> None:
    assert deployment.only_worker(client).sandbox == SANDBOXES[variant]


def test_example_gets_its_documented_answer(client: httpx.Client, variant: str) -> None:
    for example in EXAMPLES:
        if SANDBOXES[variant] in example.sandboxes and example.job.environment == STDLIB:
            deployment.assert_example_succeeds(client, example)


def test_job_fails_with_memory_limit_when_its_script_takes_too_much(client: httpx.Client) -> None:
    deployment.assert_memory_is_limited(client)


def test_api_answers_401_when_the_key_is_missing(client: httpx.Client) -> None:
    deployment.assert_key_is_required(client)


# This test must be the last one: it stops the pods.
def test_pods_exit_with_status_0_within_their_grace_period(pods: dict[str, Pod]) -> None:
    statuses = {name: pods[name].stop() for name in ("api", "worker", "redis")}
    assert statuses == {"api": 0, "worker": 0, "redis": 0}
