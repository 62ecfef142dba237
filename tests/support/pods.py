"""The pods of the Kubernetes manifests, run on a container engine as a kubelet would run them.

Image, command, variables, user, privileges, read-only root, volumes, limits and probes come from the
manifests. Three things need a cluster and are missing: scheduling, more than one replica, and network
policies.
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

#: The start order in which no pod has to be restarted.
_ORDER: Final = ("redis", "worker", "api")


@dataclass(frozen=True)
class Pod:
    """A running pod.

    Attributes:
        name: The name of its Deployment or StatefulSet.
        address: The IP address under which the host reaches it.
        template: Its pod template.
    """

    name: str
    address: str
    template: Object
    _engine: Engine
    _container_id: str

    def passes(self, kind: str) -> bool:
        """Run a probe once and return whether it passes.

        Args:
            kind: The field of the probe, such as "readinessProbe".
        """
        probe = self._container[kind]
        if "exec" in probe:
            ran = self._engine.try_docker("exec", self._container_id, *probe["exec"]["command"])
            return ran.returncode == 0
        target = probe.get("httpGet") or probe["tcpSocket"]
        ports = {port["name"]: int(port["containerPort"]) for port in self._container["ports"]}
        return passes(probe, self.address, ports[target["port"]])

    def await_start(self) -> None:
        """Wait until the startup probe passes, for as long as it may fail."""
        probe = self._container["startupProbe"]
        try:
            within = probe["periodSeconds"] * probe["failureThreshold"]
            eventually(lambda: self.passes("startupProbe"), within=within, what=f"{self.name} has started")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def stop(self) -> int:
        """Stop the pod within its grace period and return its exit status."""
        grace = self.template["spec"]["terminationGracePeriodSeconds"]
        self._engine.docker("stop", "--time", str(grace), self._container_id)
        return int(self._engine.docker("inspect", "--format", "{{.State.ExitCode}}", self._container_id))

    def log(self) -> str:
        """Return the output of its container so far."""
        ran = self._engine.try_docker("logs", self._container_id)
        return ran.stdout + ran.stderr

    @property
    def _container(self) -> Object:
        (container,) = self.template["spec"]["containers"]
        return dict(container)


@contextmanager
def running_pods(
    engine: Engine, images: Mapping[str, str], objects: list[Object], values: Mapping[str, str]
) -> Iterator[dict[str, Pod]]:
    """Run one pod of each Deployment and StatefulSet.

    Args:
        engine: The engine that has the images.
        images: The image of each pod.
        objects: The rendered manifests.
        values: The value of each Secret.

    Yields:
        The pods by name, once all have started.
    """
    templates = dict(manifests.pod_templates(objects))
    assert templates.keys() == set(_ORDER)
    network = f"python-executor-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        engine.docker("network", "create", network)
        stack.callback(engine.try_docker, "network", "rm", network)
        pods = {}
        for name in _ORDER:
            options = [
                *_options(templates[name], values, stack),
                "--network",
                network,
                "--network-alias",
                name,
            ]
            (container,) = templates[name]["spec"]["containers"]
            arguments = manifests.arguments(container, values)
            container_id = engine.docker("run", "--detach", *options, images[name], *arguments).strip()
            stack.callback(engine.try_docker, "rm", "--force", "--volumes", container_id)
            path = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
            address = engine.docker("inspect", "--format", path, container_id).strip()
            pods[name] = Pod(name, address, templates[name], engine, container_id)
            pods[name].await_start()
        yield pods


def _options(template: Object, values: Mapping[str, str], stack: ExitStack) -> list[str]:
    """Return the options of `docker run` that correspond to a pod template."""
    pod = template["spec"]
    (container,) = pod["containers"]
    assert "command" not in container
    user, context = pod["securityContext"], container["securityContext"]
    options = ["--user", f"{user['runAsUser']}:{user['runAsGroup']}"]
    if context.get("privileged"):
        options += ["--privileged"]
    if context.get("readOnlyRootFilesystem"):
        options += ["--read-only"]
    if context.get("allowPrivilegeEscalation") is False:
        options += ["--security-opt", "no-new-privileges"]
    for capability in context.get("capabilities", {}).get("drop", ()):
        options += ["--cap-drop", capability]
    limits = container["resources"]["limits"]
    megabytes = manifests.megabytes(limits["memory"])
    options += ["--memory", f"{megabytes}m", "--memory-swap", f"{megabytes}m"]
    if "cpu" in limits:
        options += ["--cpus", limits["cpu"]]
    for name, value in manifests.environment(container, values).items():
        options += ["--env", f"{name}={value}"]
    for mount in container.get("volumeMounts", ()):
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pyx-volume-")))
        # A kubelet makes an emptyDir writable for every user, and other volumes for the group of fsGroup.
        folder.chmod(0o777)
        options += ["--volume", f"{folder}:{mount['mountPath']}"]
    return options
