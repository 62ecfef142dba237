"""Several containers in one gVisor sandbox: one user-space kernel and one network, but a root for each.

Docker builds the images and makes the network. gVisor's own command runs the containers, because Docker
cannot put several containers into one sandbox.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.engine import GVISOR, Engine
from tests.support.wait import eventually

#: The capabilities of root in a container. They are too few to make a jail.
_ROOT_CAPABILITIES: Final = (
    *("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL"),
    *("NET_BIND_SERVICE", "SETGID", "SETPCAP", "SETUID"),
)

#: The name of the first container, which keeps the sandbox running.
_PAUSE: Final = "pause"

_MOUNTS: Final = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["mode=1777"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
]


@dataclass(frozen=True)
class Container:
    """A container to start.

    Attributes:
        image: Its image.
        command: Its command; None means the image's, as in Kubernetes.
        arguments: Its arguments; None means the image's, as in Kubernetes.
        environment: Variables in addition to the image's, as NAME=VALUE.
    """

    image: str
    command: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    environment: Sequence[str] = ()


class GvisorSandbox:
    """A running gVisor sandbox.

    Attributes:
        address: The IP address under which the host reaches it.
    """

    def __init__(self, engine: Engine, folder: Path, address: str) -> None:
        """Prepare the sandbox; `open` starts it."""
        self.address = address
        self._engine, self._folder = engine, folder
        runtime = json.loads(engine.docker("info", "--format", "{{json .Runtimes}}"))[GVISOR]
        options = [*runtime.get("runtimeArgs", ()), "--root", str(folder / "state")]
        self._runsc = [runtime["path"], *options]
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def open(self, image: str, network: str, resources: Mapping[str, Any]) -> None:
        """Start the sandbox with an idle container.

        Args:
            image: An image that has the command `sleep`.
            network: The path of the network namespace.
            resources: The limits of the whole sandbox, as OCI resources.
        """
        annotations = {"io.kubernetes.cri.container-type": "sandbox"}
        config = self._prepare(_PAUSE, Container(image, ["sleep", "infinity"]), annotations)
        config["linux"] |= {"cgroupsPath": f"/{self._folder.name}", "resources": dict(resources)}
        config["linux"]["namespaces"].append({"type": "network", "path": network})
        self._run(_PAUSE, config)

    def start(self, name: str, container: Container) -> None:
        """Start a container and wait until it runs."""
        annotations = {
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.sandbox-id": self._id(_PAUSE),
        }
        config = self._prepare(name, container, annotations)
        config["linux"]["namespaces"].append({"type": "network"})
        self._run(name, config)

    def status(self, name: str, within: float = 0) -> int | None:
        """Return the exit status of a container, or None if it still runs after `within` seconds."""
        try:
            return self._running[name].wait(within)
        except subprocess.TimeoutExpired:
            return None

    def log(self, name: str) -> str:
        """Return the output of a container so far."""
        return (self._folder / name / "log").read_text(errors="replace")

    def execute(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container, with the container's user and variables."""
        process = json.loads((self._folder / name / "config.json").read_text())["process"]
        user = f"{process['user']['uid']}:{process['user']['gid']}"
        variables = [part for variable in process["env"] for part in ("-env", variable)]
        return self._call("exec", "-user", user, *variables, self._id(name), *command)

    def kill(self, name: str, signal: str) -> None:
        """Send a signal to the first process of a container."""
        self._call("kill", self._id(name), signal)

    def close(self) -> None:
        """Kill the containers that still run, the newest first."""
        for name in reversed(self._running):
            if self.status(name) is None:
                self.kill(name, "KILL")
        for name in self._running:
            self.status(name, within=30)

    def _id(self, name: str) -> str:
        # gVisor uses some container ids machine-wide, whatever its --root is.
        return f"{self._folder.name}-{name}"

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._runsc, *arguments], capture_output=True, text=True, timeout=240, check=False
        )

    def _prepare(self, name: str, container: Container, annotations: Mapping[str, str]) -> dict[str, Any]:
        """Write the files of a container and return its OCI configuration."""
        (self._folder / name).mkdir()
        _export(self._engine, container.image, self._folder / name / "rootfs")
        image = json.loads(self._engine.docker("inspect", "--format", "{{json .Config}}", container.image))
        own = {**annotations, "io.kubernetes.cri.container-name": name}
        return {**_configuration(container, image), "annotations": own}

    def _run(self, name: str, config: Mapping[str, Any]) -> None:
        (self._folder / name / "config.json").write_text(json.dumps(config))
        with (self._folder / name / "log").open("wb") as log:
            self._running[name] = subprocess.Popen(
                [*self._runsc, "run", "--bundle", str(self._folder / name), self._id(name)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

        def is_running() -> bool:
            assert self.status(name) is None, self.log(name)
            state = self._call("state", self._id(name))
            return state.returncode == 0 and json.loads(state.stdout)["status"] == "running"

        eventually(is_running, within=30, what=f"the container {name} runs")


@contextmanager
def gvisor_sandbox(engine: Engine, image: str, resources: Mapping[str, Any]) -> Iterator[GvisorSandbox]:
    """Start a sandbox without containers; end it and everything in it afterwards.

    Args:
        engine: The engine that has the images.
        image: An image that has the command `sleep`.
        resources: The limits of the whole sandbox, as OCI resources.
    """
    folder = Path(tempfile.mkdtemp(prefix="pyx-gvisor-"))
    # An idle Docker container owns the network namespace. gVisor takes over the interface in it.
    owner = engine.docker("run", "--detach", "--entrypoint", "sleep", image, "infinity").strip()
    try:
        network = json.loads(engine.docker("inspect", "--format", "{{json .NetworkSettings}}", owner))
        sandbox = GvisorSandbox(engine, folder, network["Networks"]["bridge"]["IPAddress"])
        try:
            sandbox.open(image, network["SandboxKey"], resources)
            yield sandbox
        finally:
            sandbox.close()
    finally:
        engine.docker("rm", "--force", "--volumes", owner)
        shutil.rmtree(folder)


def _configuration(container: Container, image: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OCI configuration of a container, without its annotations and network."""
    entrypoint = container.command or image.get("Entrypoint") or []
    arguments = container.arguments or (not container.command and image.get("Cmd")) or []
    uid, _, gid = (image.get("User") or "0:0").partition(":")
    capabilities = [f"CAP_{name}" for name in _ROOT_CAPABILITIES] if int(uid) == 0 else []
    return {
        "ociVersion": "1.0.2",
        "hostname": "localhost",
        "process": {
            "user": {"uid": int(uid), "gid": int(gid or uid)},
            "args": [*entrypoint, *arguments],
            "env": [*image.get("Env", ()), *container.environment],
            "cwd": image.get("WorkingDir") or "/",
            "capabilities": dict.fromkeys(("bounding", "effective", "permitted"), capabilities),
            "noNewPrivileges": True,
        },
        # Writable; gVisor keeps the written data in the memory of the sandbox.
        "root": {"path": "rootfs", "readonly": False},
        "mounts": _MOUNTS,
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
    }


def _export(engine: Engine, image: str, folder: Path) -> None:
    """Write the files of an image to a new folder."""
    folder.mkdir()
    container = engine.docker("create", image).strip()
    try:
        command = ["docker", "export", container]
        with subprocess.Popen(command, env=engine.environment, stdout=subprocess.PIPE) as export:
            subprocess.run(["tar", "-x", "-C", folder], stdin=export.stdout, timeout=120, check=True)
    finally:
        engine.docker("rm", "--volumes", container)
