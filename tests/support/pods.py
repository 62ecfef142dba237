"""The pods of the Kubernetes manifests, run on a container engine as a kubelet would run them.

From the manifests come image, command, variables, user, privileges, read-only root, volumes, limits and probes.
What is left out is what a cluster adds: scheduling, more than one replica, and its network's policies.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.support import manifests
from tests.support.engine import Engine
from tests.support.manifests import Object
from tests.support.probe import passes
from tests.support.wait import eventually

#: The order in which a cluster would get to a stable state without restarts.
_ORDER: Final = ("redis", "worker", "api")


@dataclass(frozen=True)
class Pod:
    """A running pod. address: where the host reaches it."""

    name: str
    address: str
    template: Object
    _engine: Engine
    _ident: str

    def passes(self, kind: str) -> bool:
        """Ask a probe once."""
        probe = self._container[kind]
        if "exec" in probe:
            return self._engine.try_docker("exec", self._ident, *probe["exec"]["command"]).returncode == 0
        told = probe.get("httpGet") or probe["tcpSocket"]
        ports = {port["name"]: int(port["containerPort"]) for port in self._container["ports"]}
        return passes(probe, self.address, ports[told["port"]])

    def await_start(self) -> None:
        """Wait for the startup probe, for as long as it may fail."""
        probe = self._container["startupProbe"]
        try:
            within = probe["periodSeconds"] * probe["failureThreshold"]
            eventually(lambda: self.passes("startupProbe"), within=within, what=f"{self.name} has started")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said}") from None

    def stop(self) -> int:
        """Stop it with its grace; return its exit status."""
        grace = self.template["spec"]["terminationGracePeriodSeconds"]
        self._engine.docker("stop", "--time", str(grace), self._ident)
        return int(self._engine.docker("inspect", "--format", "{{.State.ExitCode}}", self._ident))

    @property
    def said(self) -> str:
        """What its container has said so far."""
        ran = self._engine.try_docker("logs", self._ident)
        return ran.stdout + ran.stderr

    @property
    def _container(self) -> Object:
        (container,) = self.template["spec"]["containers"]
        return dict(container)


@contextmanager
def running(
    engine: Engine, images: Mapping[str, str], objects: list[Object], held: Mapping[str, str]
) -> Iterator[dict[str, Pod]]:
    """Run one pod of each Deployment and StatefulSet until all have started.

    images: the image for each. held: what the secrets hold.
    """
    templates = dict(manifests.pods(objects))
    assert templates.keys() == set(_ORDER)
    network = f"python-executor-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        engine.docker("network", "create", network)
        stack.callback(engine.try_docker, "network", "rm", network)
        pods = {}
        for name in _ORDER:
            options = [*_options(templates[name], held, stack), "--network", network, "--network-alias", name]
            (container,) = templates[name]["spec"]["containers"]
            arguments = manifests.arguments(container, held)
            ident = engine.docker("run", "--detach", *options, images[name], *arguments).strip()
            stack.callback(engine.try_docker, "rm", "--force", "--volumes", ident)
            told = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
            address = engine.docker("inspect", "--format", told, ident).strip()
            pods[name] = Pod(name, address, templates[name], engine, ident)
            pods[name].await_start()
        yield pods


def _options(template: Object, held: Mapping[str, str], stack: ExitStack) -> list[str]:
    """Return how Docker says what the template of a pod says."""
    pod = template["spec"]
    (container,) = pod["containers"]
    assert "command" not in container
    user, own = pod["securityContext"], container["securityContext"]
    options = ["--user", f"{user['runAsUser']}:{user['runAsGroup']}"]
    if own.get("privileged"):
        options += ["--privileged"]
    if own.get("readOnlyRootFilesystem"):
        options += ["--read-only"]
    if own.get("allowPrivilegeEscalation") is False:
        options += ["--security-opt", "no-new-privileges"]
    for capability in own.get("capabilities", {}).get("drop", ()):
        options += ["--cap-drop", capability]
    limits = container["resources"]["limits"]
    megabytes = manifests.megabytes(limits["memory"])
    options += ["--memory", f"{megabytes}m", "--memory-swap", f"{megabytes}m"]
    if "cpu" in limits:
        options += ["--cpus", limits["cpu"]]
    for name, value in manifests.environment(container, held).items():
        options += ["--env", f"{name}={value}"]
    for mount in container.get("volumeMounts", ()):
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pyx-volume-")))
        # As a kubelet leaves it for anybody, or for a group of fsGroup.
        folder.chmod(0o777)
        options += ["--volume", f"{folder}:{mount['mountPath']}"]
    return options
