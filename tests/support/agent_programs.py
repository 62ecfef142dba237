"""Programs that use the service from the environment requirements/clients/agents.lock: recipes, and MCP clients of others."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.checkout import ROOT
from tests.support.client_environment import build_client_environment
from tests.support.client_wheel import unpack_client

RECIPES: Final = ROOT / "examples/recipes"

#: The longest that a program may take, in seconds.
_WITHIN: Final = 100


@dataclass(frozen=True)
class AgentPrograms:
    """The environment, with the client of this checkout.

    Attributes:
        python: Its interpreter.
        variables: The environment variables of the programs. The PATH has the command pyexec of this checkout.
        folder: The working folder of the programs.
    """

    python: Path
    variables: dict[str, str]
    folder: Path

    def run(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the interpreter with arguments and further environment variables; return how it ended."""
        return subprocess.run(
            [self.python, *arguments],
            env={**self.variables, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_WITHIN,
        )


def make_agent_programs(folder: Path) -> AgentPrograms:
    """Build the environment; programs write into a folder only."""
    python = build_client_environment("agents")
    client = folder / "client"
    client.mkdir()
    variables = {
        "HOME": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(unpack_client(client)),
        # Nothing of a test leaves the machine.
        "LANGSMITH_TRACING": "false",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }
    return AgentPrograms(python, variables, folder)
