"""The MCP server as the command line of the MCP Inspector sees it."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import npm
from tests.support.keyed_service import KeyedService
from tests.support.mcp_server import COMMAND, McpServer, http_server
from tests.support.service import Service

Inspect = Callable[..., Any]


@pytest.fixture(scope="module")
def keyed(keyed_service: KeyedService) -> tuple[Service, str]:
    return keyed_service.service, keyed_service.keys["inspector"]


@pytest.fixture(scope="module")
def server(keyed: tuple[Service, str]) -> Iterator[McpServer]:
    with http_server(keyed[0].client.base_url) as server:
        yield server


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    programs = npm.install(Path(__file__).parent / "inspector", tmp_path_factory.mktemp("inspector"))
    return programs / "mcp-inspector"


@pytest.fixture
def inspect(
    request: pytest.FixtureRequest,
    inspector: Path,
    keyed: tuple[Service, str],
    server: McpServer,
    tmp_path: Path,
) -> Inspect:
    """Return a function that asks the server one thing, and returns the answer."""
    service, key = keyed
    if request.param == "stdio":
        settings = {"PYTHON_EXECUTOR_URL": service.client.base_url, "PYTHON_EXECUTOR_KEY": key}
        target = [*COMMAND, *(part for one in settings.items() for part in ("-e", "{}={}".format(*one)))]
    else:
        target = [server.url, "--transport", "http", "--header", f"Authorization: Bearer {key}"]

    def ask(*arguments: str) -> Any:
        done = subprocess.run(
            [inspector, "--cli", *target, *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
            timeout=60,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


CALL: Final = ("--method", "tools/call", "--tool-name", "run_python", "--tool-arg", "code=print(6 * 7)")


@pytest.mark.parametrize("inspect", ["stdio", "http"], indirect=True)
def test_inspector_calls_the_tool(inspect: Inspect) -> None:
    result = inspect(*CALL)
    assert result["structuredContent"]["stdout"] == "42\n"
    assert not result["isError"]


@pytest.mark.parametrize("inspect", ["http"], indirect=True)
def test_inspector_finds_no_fault_in_the_schemas_and_reads_the_environments(inspect: Inspect) -> None:
    # With --strict, a schema that some client does not understand is an error.
    (tool,) = inspect("--method", "tools/list", "--strict")["tools"]
    assert tool["name"] == "run_python"
    read = inspect("--method", "resources/read", "--uri", "python-executor://environments")
    listed = json.loads(read["contents"][0]["text"])
    assert listed["environments"][0]["name"] == "stdlib"
