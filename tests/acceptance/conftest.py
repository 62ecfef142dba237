"""Fixtures that the acceptance tests share."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.agent_programs import AgentPrograms, make_agent_programs
from tests.support.keyed_service import KeyedService, running_keyed_service
from tests.support.need import need
from tests.support.programs import need_program
from tests.support.service import Service, running_service


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the npm packages of the tests."""
    need_program("node")
    folder = tmp_path_factory.mktemp("node")
    for file in (Path(__file__).parent / "node").iterdir():
        shutil.copy(file, folder)
    command = [need_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=folder, capture_output=True, timeout=100, check=False).returncode:
        need("npm cannot install the packages of tests/acceptance/node/")
    return folder


@pytest.fixture(scope="session")
def keyed_service(nsjail: None) -> Iterator[KeyedService]:
    """Return a service with API keys, for all tests. Each file has callers of its own."""
    with running_keyed_service("ada", "bob", "own", "model", "agents", "inspector", "shop") as keyed:
        yield keyed


@pytest.fixture(scope="session")
def fresh_service(nsjail: None) -> Iterator[Service]:
    """Return a service that makes a jail for each job, for all tests."""
    with running_service(ISOLATION="fresh") as service:
        yield service


@pytest.fixture(scope="session")
def restricted_service() -> Iterator[Service]:
    """Return a service with the restricted executor, for all tests."""
    with running_service(SANDBOX="restricted") as service:
        yield service


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> AgentPrograms:
    """Require the environment of the recipes and of the MCP clients of others."""
    return make_agent_programs(tmp_path_factory.mktemp("agents"))
