"""setup_local.sh where it stops before anything is built, and what it says then."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engine import Engine
from tests.support.stack import checkout

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

#: What the script needs of every machine.
NEEDED = ("bash", "env", "cat", "chmod", "cp", "dirname", "grep", "mktemp", "od", "rm", "sed", "tail", "tr")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clean clone."""
    checkout(tmp_path / "clone")
    return tmp_path / "clone"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs as a machine has them that has never seen a container."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (*NEEDED, "curl"):
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is missing"))
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def _setup(clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./setup_local.sh", *arguments],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _refused(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1, ended.stdout + ended.stderr
    [line] = ended.stderr.splitlines()
    return line


def _client(engine: Engine) -> dict[str, str]:
    return {name: value for name, value in engine.environment.items() if name.startswith("DOCKER_")}


def test_help_needs_nothing(clone: Path, bare: Path) -> None:
    ended = _setup(clone, "--help", PATH=str(bare))
    assert ended.returncode == 0
    assert "--down" in ended.stdout
    assert not (clone / ".env").exists()
    assert _setup(clone, "--nonsense", PATH=str(bare)).returncode == 2


def test_a_machine_without_docker_is_told_so(clone: Path, bare: Path) -> None:
    assert "docker is missing" in _refused(_setup(clone, PATH=str(bare)))


def test_an_engine_that_does_not_answer_is_told(engine: Engine, clone: Path) -> None:
    assert "engine does not answer" in _refused(_setup(clone, DOCKER_HOST=f"unix://{clone}/none"))


def test_a_machine_without_compose_is_told_so(engine: Engine, clone: Path, bare: Path) -> None:
    (bare / "docker").symlink_to(shutil.which("docker") or "")
    here = _client(engine) | {"PATH": str(bare), "HOME": str(clone), "DOCKER_CONFIG": str(clone)}
    if (
        "Docker Compose version"
        in subprocess.run(
            ["docker", "compose", "version"], env=here, capture_output=True, text=True, check=False
        ).stdout
    ):
        pytest.skip("Compose is installed for everybody here")
    assert "Docker Compose is missing" in _refused(_setup(clone, **here))


def test_only_older_containers_of_ours_are_removed(engine: Engine, clone: Path, port: int) -> None:
    project = f"pyx-test-{secrets.token_hex(3)}"
    ours = f"com.docker.compose.project={project}"
    elsewhere = "com.docker.compose.project.working_dir=/elsewhere"
    strange = "com.docker.compose.project=another"
    names = {f"{project}-ours": ours, f"{project}-strange": strange}
    try:
        for name, label in names.items():
            engine.docker("create", "--name", name, "--label", label, "--label", elsewhere, "redis:7-alpine")
        ended = _setup(clone, **_client(engine), COMPOSE_PROJECT_NAME=project, PORT=str(port))
        assert "removed an older container of ours, of /elsewhere" in ended.stdout
        left = engine.docker("ps", "--all", "--format", "{{.Names}}").split()
        assert [name for name in names if name in left] == [f"{project}-strange"]
        # And then it stops, because somebody else has the port.
        assert f"port {port} is in use" in _refused(ended)
    finally:
        engine.docker("rm", "--force", "--volumes", *names)


def test_an_api_for_others_needs_keys(engine: Engine, clone: Path) -> None:
    ended = _setup(clone, **_client(engine), COMPOSE_PROJECT_NAME="pyx-test-open", PUBLISH="0.0.0.0")
    assert "set API_KEYS" in _refused(ended)


def test_the_other_command_of_compose_will_do(engine: Engine, clone: Path, bare: Path, port: int) -> None:
    plugins = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    compose = shutil.which("docker-compose") or plugins / "docker-compose"
    (bare / "docker").symlink_to(shutil.which("docker") or "")
    (bare / "docker-compose").symlink_to(compose)
    here = _client(engine) | {"PATH": str(bare), "HOME": str(clone), "DOCKER_CONFIG": str(clone)}
    ended = _setup(clone, **here, COMPOSE_PROJECT_NAME="pyx-test-other", PORT=str(port))
    assert f"port {port} is in use" in _refused(ended)


def test_what_was_not_started_is_not_taken_down(engine: Engine, clone: Path) -> None:
    assert "nothing was started" in _refused(_setup(clone, "--down", **_client(engine)))
