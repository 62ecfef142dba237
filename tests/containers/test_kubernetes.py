"""The pods of deploy/kubernetes, with the privileges, users, volumes and limits that they ask for."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from api.schemas import Ready
from config.credentials import new_key
from jobs.outcome import SandboxKind
from tests.support import manifests, pods
from tests.support.engine import Engine
from tests.support.examples import EXAMPLES
from tests.support.images import built
from tests.support.pods import Pod
from tests.support.wait import eventually

# The first test waits for the lab, and for two images.
pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

KEY, ENTRY = new_key("tests")
HELD = {"redis": "0123456789abcdef", "api-keys": ENTRY}

SANDBOXES = {"restricted": SandboxKind.RESTRICTED, "jail": SandboxKind.NSJAIL}


@pytest.fixture(scope="module")
def images(engine: Engine) -> Iterator[dict[str, str]]:
    """The image of each pod."""
    with built(engine) as images:
        yield images


@pytest.fixture(scope="module", params=manifests.WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Each folder to apply."""
    return str(request.param)


@pytest.fixture(scope="module")
def running(engine: Engine, images: dict[str, str], way: str) -> Iterator[dict[str, Pod]]:
    """One pod of each kind."""
    with pods.running(engine, images, manifests.rendered(way), HELD) as running:
        yield running


@pytest.fixture(scope="module")
def client(running: dict[str, Pod]) -> Iterator[httpx.Client]:
    """A client with a key."""
    url = f"http://{running['api'].address}:8080"
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as client:
        yield client


def test_every_probe_passes(running: dict[str, Pod]) -> None:
    for pod in running.values():
        for kind in ("readinessProbe", "livenessProbe"):
            eventually(partial(pod.passes, kind), within=30, what=f"{pod.name} passes its {kind}")


def test_the_worker_has_the_sandbox_it_is_for(client: httpx.Client, way: str) -> None:
    (worker,) = Ready.model_validate_json(client.get("/health/ready").content).workers
    assert worker.sandbox == SANDBOXES[way]


def test_examples_answer_right(client: httpx.Client, way: str) -> None:
    for example in (one for one in EXAMPLES if SANDBOXES[way] in one.sandboxes):
        answer = client.post("/execute", json={"script": example.script, **example.request})
        assert answer.status_code == 200, f"{example.name}: {answer.text}"
        assert {field: answer.json()[field] for field in example.answer} == example.answer


def test_memory_is_limited(client: httpx.Client) -> None:
    answer = client.post("/execute", json={"script": "def main():\n    return {'n': len(' ' * 10**9)}"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (422, "memory_limit")


def test_nobody_comes_in_without_a_key(client: httpx.Client) -> None:
    sent = client.post(
        "/execute", json={"script": "def main():\n    return {}"}, headers={"Authorization": ""}
    )
    assert sent.status_code == 401


# The last one: nothing runs afterwards.
def test_every_pod_stops_in_its_time(running: dict[str, Pod]) -> None:
    assert {name: running[name].stop() for name in ("api", "worker", "redis")} == {
        "api": 0,
        "worker": 0,
        "redis": 0,
    }
