"""Fixtures that the acceptance tests share."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.agent_programs import AgentPrograms, make_agent_programs
from tests.support.need import need
from tests.support.programs import need_program


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
def programs(tmp_path_factory: pytest.TempPathFactory) -> AgentPrograms:
    """Require the environment of the recipes and of the MCP clients of others."""
    return make_agent_programs(tmp_path_factory.mktemp("agents"))
