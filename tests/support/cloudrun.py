"""A stand-in for one instance of Cloud Run: the containers of deploy/cloud-run/service.yaml in one gVisor sandbox.

It does what the Cloud Run that the file asks for does: one user-space kernel and one network for all
containers, each with the command, variables and user of the file and its image, without a privilege and with
its writes in memory; the memory and CPUs of them all together; started in the order of
container-dependencies, each after the startup probes of those before it have passed; PORT told to the container
that has a port; SIGTERM to all, and 10 seconds to end.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from string import Template
from typing import Any, Final

import yaml

from tests.support.checkout import ROOT
from tests.support.engine import Engine
from tests.support.gvisor import Container, Sandbox, sandbox
from tests.support.manifests import Object, environment, megabytes
from tests.support.probe import passes
from tests.support.wait import eventually

_MANIFEST: Final = ROOT / "deploy/cloud-run/service.yaml"

#: Seconds between SIGTERM and SIGKILL there.
GRACE: Final = 10.0

#: Microseconds in which a number of CPUs is counted.
_PERIOD: Final = 100_000


def manifest(**variables: str) -> Object:
    """Return deploy/cloud-run/service.yaml as envsubst would make it."""
    text = Template(_MANIFEST.read_text("utf-8")).substitute(variables)
    read: Object = yaml.safe_load(text)
    return read


class Instance:
    """An instance of a revision. sandbox: what it runs in. port: where it takes requests."""

    def __init__(self, made: Sandbox, revision: Mapping[str, Any]) -> None:
        """Start nothing yet. revision: the service's template."""
        self.sandbox = made
        self._containers = {container["name"]: container for container in revision["spec"]["containers"]}
        annotation = revision["metadata"]["annotations"]["run.googleapis.com/container-dependencies"]
        self._after: dict[str, list[str]] = json.loads(annotation)
        ports = [port for container in self._containers.values() for port in container.get("ports", ())]
        (self.port,) = (int(port["containerPort"]) for port in ports)

    def start(self, images: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        """Start its containers in their order; return once all startup probes have passed."""
        started: set[str] = set()
        while waiting := self._containers.keys() - started:
            for name in sorted(waiting):
                before = self._after.get(name, [])
                if started >= set(before):
                    for other in before:
                        self._probe(other)
                    self._start(name, images[name], secrets)
                    started.add(name)
        for name in self._containers:
            self._probe(name)

    def stop(self) -> dict[str, int | None]:
        """Send SIGTERM to every container; return their exit statuses, None for those not in time."""
        for name in self._containers:
            self.sandbox.kill(name, "TERM")
        return {name: self.sandbox.status(name, GRACE) for name in self._containers}

    def _start(self, name: str, image: str, secrets: Mapping[str, str]) -> None:
        told = self._containers[name]
        variables = _environment(told, secrets)
        self.sandbox.start(name, Container(image, told.get("command"), told.get("args"), variables))

    def _probe(self, name: str) -> None:
        """Wait until the startup probe of a container passes."""
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
            said = "\n".join(f"{one}: {self.sandbox.said(one)}" for one in self._containers)
            raise AssertionError(f"{error}\n{said}") from None


@contextmanager
def running(
    engine: Engine, images: Mapping[str, str], service: Mapping[str, Any], secrets: Mapping[str, str]
) -> Iterator[Instance]:
    """Run an instance of a service.

    images: the image for each container. secrets: what the Secret Manager holds, by name.
    """
    revision = service["spec"]["template"]
    limits = [container["resources"]["limits"] for container in revision["spec"]["containers"]]
    memory = sum(megabytes(limit["memory"]) for limit in limits) * 1024 * 1024
    cpus = sum(float(limit["cpu"]) for limit in limits)
    resources = {
        "memory": {"limit": memory},
        "cpu": {"period": _PERIOD, "quota": int(cpus * _PERIOD)},
    }
    with sandbox(engine, images["redis"], resources) as made:
        instance = Instance(made, revision)
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
