"""Fixtures of the tests that run whole programs."""

import pytest

from tests.support.agent_programs import AgentPrograms, make_agent_programs


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> AgentPrograms:
    """Require the environment of the recipes and of the MCP clients of others."""
    return make_agent_programs(tmp_path_factory.mktemp("agents"))
