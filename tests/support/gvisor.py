"""Several containers in one gVisor sandbox: one user-space kernel, one network, a root each.

Docker makes the images and the network. The containers are run by gVisor's own command, because a sandbox
of several containers is a thing Docker does not know.
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

#: What root has in a container: not the capabilities that a jail needs.
_OF_ROOT: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID",
                   "SETPCAP", "SETUID")  # fmt: skip

#: The first container, which holds the sandbox open.
_PAUSE: Final = "pause"

_MOUNTS: Final = [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
    {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["mode=1777"]},
    {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["ro"]},
]


@dataclass(frozen=True)
class Container:
    """What is run. command, arguments: None for those of the image, as in Kubernetes."""

    image: str
    command: Sequence[str] | None = None
    arguments: Sequence[str] | None = None
    environment: Sequence[str] = ()


class Sandbox:
    """A running sandbox. address: where the host reaches it."""

    def __init__(self, engine: Engine, folder: Path, address: str) -> None:
        """Start nothing yet."""
        self.address = address
        self._engine, self._folder = engine, folder
        runtime = json.loads(engine.docker("info", "--format", "{{json .Runtimes}}"))[GVISOR]
        options = [*runtime.get("runtimeArgs", ()), "--root", str(folder / "state")]
        self._runsc = [runtime["path"], *options]
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def open(self, image: str, namespace: str, limits: Mapping[str, Any]) -> None:
        """Make the sandbox, by a container that does nothing.

        namespace: the path of its network. limits: on all of it, as OCI resources.
        """
        kind = {"io.kubernetes.cri.container-type": "sandbox"}
        config = self._prepare(_PAUSE, Container(image, ["sleep", "infinity"]), kind)
        config["linux"] |= {"cgroupsPath": f"/{self._folder.name}", "resources": dict(limits)}
        config["linux"]["namespaces"].append({"type": "network", "path": namespace})
        self._run(_PAUSE, config)

    def start(self, name: str, container: Container) -> None:
        """Start a container."""
        kind = {
            "io.kubernetes.cri.container-type": "container",
            "io.kubernetes.cri.sandbox-id": self._id(_PAUSE),
        }
        config = self._prepare(name, container, kind)
        config["linux"]["namespaces"].append({"type": "network"})
        self._run(name, config)

    def status(self, name: str, within: float = 0) -> int | None:
        """Return the exit status of a container, None if it has not ended after so many seconds."""
        try:
            return self._running[name].wait(within)
        except subprocess.TimeoutExpired:
            return None

    def said(self, name: str) -> str:
        """Return what a container has said so far."""
        return (self._folder / name / "log").read_text(errors="replace")

    def execute(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a container, as its user and with its variables."""
        process = json.loads((self._folder / name / "config.json").read_text())["process"]
        user = f"{process['user']['uid']}:{process['user']['gid']}"
        variables = [part for variable in process["env"] for part in ("-env", variable)]
        return self._call("exec", "-user", user, *variables, self._id(name), *command)

    def kill(self, name: str, signal: str) -> None:
        """Send a signal to the first process of a container."""
        self._call("kill", self._id(name), signal)

    def close(self) -> None:
        """End whatever still runs."""
        for name in reversed(self._running):
            if self.status(name) is None:
                self.kill(name, "KILL")
        for name in self._running:
            self.status(name, within=30)

    def _id(self, name: str) -> str:
        # Some names of gVisor's are the machine's, whatever its root is.
        return f"{self._folder.name}-{name}"

    def _call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._runsc, *arguments], capture_output=True, text=True, timeout=240, check=False
        )

    def _prepare(self, name: str, container: Container, kind: Mapping[str, str]) -> dict[str, Any]:
        (self._folder / name).mkdir()
        _export(self._engine, container.image, self._folder / name / "rootfs")
        told = self._engine.docker("inspect", "--format", "{{json .Config}}", container.image)
        annotations = {**kind, "io.kubernetes.cri.container-name": name}
        return {**_configuration(container, json.loads(told)), "annotations": annotations}

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

        def is_up() -> bool:
            assert self.status(name) is None, self.said(name)
            state = self._call("state", self._id(name))
            return state.returncode == 0 and json.loads(state.stdout)["status"] == "running"

        eventually(is_up, within=30, what=f"the container {name} runs")


@contextmanager
def sandbox(engine: Engine, image: str, limits: Mapping[str, Any]) -> Iterator[Sandbox]:
    """Make a sandbox without containers; `image` needs to have nothing but `sleep`."""
    folder = Path(tempfile.mkdtemp(prefix="pyx-gvisor-"))
    # A container that does nothing owns the network; gVisor takes its interface over.
    owner = engine.docker("run", "--detach", "--entrypoint", "sleep", image, "infinity").strip()
    try:
        network = json.loads(engine.docker("inspect", "--format", "{{json .NetworkSettings}}", owner))
        made = Sandbox(engine, folder, network["Networks"]["bridge"]["IPAddress"])
        try:
            made.open(image, network["SandboxKey"], limits)
            yield made
        finally:
            made.close()
    finally:
        engine.docker("rm", "--force", "--volumes", owner)
        shutil.rmtree(folder)


def _configuration(container: Container, image: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OCI configuration of a container, but for its part in the sandbox."""
    entrypoint = container.command or image.get("Entrypoint") or []
    arguments = container.arguments or (not container.command and image.get("Cmd")) or []
    uid, _, gid = (image.get("User") or "0:0").partition(":")
    capabilities = [f"CAP_{one}" for one in _OF_ROOT] if int(uid) == 0 else []
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
        # Writable, in the memory of the sandbox.
        "root": {"path": "rootfs", "readonly": False},
        "mounts": _MOUNTS,
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
    }


def _export(engine: Engine, image: str, folder: Path) -> None:
    """Write the files of an image to a new folder."""
    folder.mkdir()
    made = engine.docker("create", image).strip()
    try:
        command = ["docker", "export", made]
        with subprocess.Popen(command, env=engine.environment, stdout=subprocess.PIPE) as export:
            subprocess.run(["tar", "-x", "-C", folder], stdin=export.stdout, timeout=120, check=True)
    finally:
        engine.docker("rm", "--volumes", made)
