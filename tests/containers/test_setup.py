"""setup_local.sh: the cases in which it stops before it builds an image, and its messages."""

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import clone_checkout
from tests.support.engine import Engine

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

#: The programs that the script expects on every machine.
PROGRAMS = ("bash", "env", "cat", "chmod", "cp", "dirname", "grep", "mktemp", "od", "rm", "sed", "tail", "tr")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clean clone of the checkout."""
    folder = tmp_path / "clone"
    clone_checkout(folder)
    return folder


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder for PATH with the programs of a machine that has no Docker."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in (*PROGRAMS, "curl"):
        (folder / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is missing"))
    return folder


@pytest.fixture
def used_port() -> Iterator[int]:
    """A port that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def _run_setup(clone: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./setup_local.sh", *options],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _error_of(ran: subprocess.CompletedProcess[str]) -> str:
    """Check that the script failed with one line of error, and return the line."""
    assert ran.returncode == 1, ran.stdout + ran.stderr
    [line] = ran.stderr.splitlines()
    return line


def _docker_only(engine: Engine, clone: Path, path: Path) -> dict[str, str]:
    """Return an environment in which Docker is installed, without the Compose plugin of the current user."""
    (path / "docker").symlink_to(shutil.which("docker") or "")
    return engine.client_variables | {"PATH": str(path), "HOME": str(clone), "DOCKER_CONFIG": str(clone)}


def test_setup_prints_help_when_nothing_is_installed(clone: Path, bare_path: Path) -> None:
    ran = _run_setup(clone, "--help", PATH=str(bare_path))
    assert ran.returncode == 0
    assert "--down" in ran.stdout
    assert not (clone / ".env").exists()


def test_setup_exits_with_status_2_when_an_option_is_unknown(clone: Path, bare_path: Path) -> None:
    assert _run_setup(clone, "--nonsense", PATH=str(bare_path)).returncode == 2


def test_setup_reports_an_error_when_docker_is_missing(clone: Path, bare_path: Path) -> None:
    assert "docker is missing" in _error_of(_run_setup(clone, PATH=str(bare_path)))


def test_setup_reports_an_error_when_the_engine_does_not_answer(engine: Engine, clone: Path) -> None:
    assert "engine does not answer" in _error_of(_run_setup(clone, DOCKER_HOST=f"unix://{clone}/none"))


def test_setup_reports_an_error_when_compose_is_missing(engine: Engine, clone: Path, bare_path: Path) -> None:
    environment = _docker_only(engine, clone, bare_path)
    command = ["docker", "compose", "version"]
    version = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "Docker Compose version" in version.stdout:
        pytest.skip("Compose is installed for every user of this machine")
    assert "Docker Compose is missing" in _error_of(_run_setup(clone, **environment))


def test_setup_removes_only_containers_of_its_own_project(
    engine: Engine, clone: Path, used_port: int
) -> None:
    project = f"pyx-test-{secrets.token_hex(3)}"
    folder = "com.docker.compose.project.working_dir=/elsewhere"
    projects = {f"{project}-own": project, f"{project}-foreign": "another"}
    try:
        for name, owner in projects.items():
            label = f"com.docker.compose.project={owner}"
            engine.docker("create", "--name", name, "--label", label, "--label", folder, "redis:7-alpine")
        ran = _run_setup(clone, **engine.client_variables, COMPOSE_PROJECT_NAME=project, PORT=str(used_port))
        assert "removed a container of this project that was started from /elsewhere" in ran.stdout
        left = engine.docker("ps", "--all", "--format", "{{.Names}}").split()
        assert [name for name in projects if name in left] == [f"{project}-foreign"]
        # The used port stops the script before it builds anything.
        assert f"port {used_port} is in use" in _error_of(ran)
    finally:
        engine.docker("rm", "--force", "--volumes", *projects)


def test_setup_requires_api_keys_when_the_api_is_public(engine: Engine, clone: Path) -> None:
    environment = engine.client_variables | {"COMPOSE_PROJECT_NAME": "pyx-test-open", "PUBLISH": "0.0.0.0"}
    assert "set API_KEYS" in _error_of(_run_setup(clone, **environment))


def test_setup_uses_docker_compose_when_the_plugin_is_missing(
    engine: Engine, clone: Path, bare_path: Path, used_port: int
) -> None:
    plugins = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    (bare_path / "docker-compose").symlink_to(shutil.which("docker-compose") or plugins / "docker-compose")
    environment = _docker_only(engine, clone, bare_path)
    ran = _run_setup(clone, **environment, COMPOSE_PROJECT_NAME="pyx-test-other", PORT=str(used_port))
    assert f"port {used_port} is in use" in _error_of(ran)


def test_setup_down_fails_when_nothing_was_started(engine: Engine, clone: Path) -> None:
    assert "nothing was started" in _error_of(_run_setup(clone, "--down", **engine.client_variables))
