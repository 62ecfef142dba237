"""A stand-in for one instance of Cloud Run: all containers of service.yaml in one gVisor sandbox.

It does what Cloud Run does with deploy/cloud-run/service.yaml:

- All containers share one user-space kernel and one network.
- Each container has its command, variables and user from the file and its image. It has no privileges, and
  its writes stay in memory.
- The sandbox has the memory and CPUs of all containers together.
- Containers start in the order of `container-dependencies`, each after the startup probes of those it
  depends on pass.
- The container that has a port gets the variable PORT.
- At the end every container gets SIGTERM and has 10 seconds to exit.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from string import Template
from typing import Any, Final

import yaml

from tests.support.checkout import ROOT
from tests.support.engine import Engine
from tests.support.gvisor import Container, GvisorSandbox, gvisor_sandbox
from tests.support.manifests import Object, environment, megabytes
from tests.support.probe import passes
from tests.support.wait import eventually

_MANIFEST: Final = ROOT / "deploy/cloud-run/service.yaml"

#: Seconds between SIGTERM and SIGKILL on Cloud Run.
GRACE: Final = 10.0

#: The period of a CPU quota in microseconds.
_CPU_PERIOD: Final = 100_000


def load_manifest(**variables: str) -> Object:
    """Return deploy/cloud-run/service.yaml with its variables replaced, as envsubst does."""
    text = Template(_MANIFEST.read_text("utf-8")).substitute(variables)
    service: Object = yaml.safe_load(text)
    return service


class Instance:
    """An instance of a revision.

    Attributes:
        sandbox: The sandbox that its containers run in.
        port: The port that takes requests.
    """

    def __init__(self, sandbox: GvisorSandbox, revision: Mapping[str, Any]) -> None:
        """Read the revision; `start` starts its containers.

        Args:
            sandbox: The sandbox to run in.
            revision: The template of the service.
        """
        self.sandbox = sandbox
        self._containers = {container["name"]: container for container in revision["spec"]["containers"]}
        annotation = revision["metadata"]["annotations"]["run.googleapis.com/container-dependencies"]
        self._dependencies: dict[str, list[str]] = json.loads(annotation)
        ports = [port for container in self._containers.values() for port in container.get("ports", ())]
        (self.port,) = (int(port["containerPort"]) for port in ports)

    def start(self, images: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Start the containers in their order; return once all startup probes have passed."""
        started: set[str] = set()
        while waiting := self._containers.keys() - started:
            for name in sorted(waiting):
                dependencies = self._dependencies.get(name, [])
                if started >= set(dependencies):
                    for dependency in dependencies:
                        self._await_startup_probe(dependency)
                    self._start(name, images[name], secrets)
                    started.add(name)
        for name in self._containers:
            self._await_startup_probe(name)

    def stop(self) -> dict[str, int | None]:
        """Send SIGTERM to every container.

        Returns:
            The exit status of each container, or None if it exceeds the grace period.
        """
        for name in self._containers:
            self.sandbox.kill(name, "TERM")
        return {name: self.sandbox.status(name, GRACE) for name in self._containers}

    def _start(self, name: str, image: str, secrets: Mapping[str, str]) -> None:
        container = self._containers[name]
        variables = _environment(container, secrets)
        self.sandbox.start(name, Container(image, container.get("command"), container.get("args"), variables))

    def _await_startup_probe(self, name: str) -> None:
        probe = self._containers[name].get("startupProbe")
        if probe is None:
            return

        port = (probe.get("httpGet") or probe["tcpSocket"])["port"]

        def passed() -> bool:
            assert self.sandbox.status(name) is None, f"{name} has ended"
            return passes(probe, self.sandbox.address, port)

        try:
            within = probe["periodSeconds"] * probe["failureThreshold"]
            eventually(passed, within=within, what=f"the startup probe of {name} passes")
        except AssertionError as error:
            logs = "\n".join(f"{other}: {self.sandbox.log(other)}" for other in self._containers)
            raise AssertionError(f"{error}\n{logs}") from None


@contextmanager
def running_instance(
    engine: Engine, images: Mapping[str, str], service: Mapping[str, Any], secrets: Mapping[str, str]
) -> Iterator[Instance]:
    """Run an instance of a service.

    Args:
        engine: The engine that has the images.
        images: The image of each container.
        service: The service, as `load_manifest` returns it.
        secrets: The value of each secret in the Secret Manager, by name.
    """
    revision = service["spec"]["template"]
    limits = [container["resources"]["limits"] for container in revision["spec"]["containers"]]
    memory = sum(megabytes(limit["memory"]) for limit in limits) * 1024 * 1024
    cpus = sum(float(limit["cpu"]) for limit in limits)
    resources = {
        "memory": {"limit": memory},
        "cpu": {"period": _CPU_PERIOD, "quota": int(cpus * _CPU_PERIOD)},
    }
    with gvisor_sandbox(engine, images["redis"], resources) as sandbox:
        instance = Instance(sandbox, revision)
        instance.start(images, secrets)
        yield instance


def _environment(container: Object, secrets: Mapping[str, str]) -> list[str]:
    variables = {
        "K_SERVICE": "python-executor",
        "K_REVISION": "python-executor-00001-loc",
        "K_CONFIGURATION": "python-executor",
        **environment(container, secrets),
    }
    for port in container.get("ports", ()):
        variables["PORT"] = str(port["containerPort"])
    return [f"{name}={value}" for name, value in variables.items()]
