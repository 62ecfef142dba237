"""MCP clients that others wrote, against `pyexec mcp`, over standard input and output and over HTTP."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from tests.support.agent_programs import AgentPrograms
from tests.support.checkout import ROOT
from tests.support.keyed_service import KeyedService
from tests.support.mcp_over_http import mcp_over_http
from tests.support.scripted_model import runs, says, scripted_model
from tests.support.wait import eventually

PROGRAMS = ROOT / "tests/acceptance/mcp_clients"

#: The programs in that folder, and whether each lets a model use the tool.
AGENTS: Final = ("langchain_adapters", "openai_agents", "pydantic_ai_toolset")
CLIENTS: Final = ("official_sdk", *AGENTS)

#: Clients that tell their program about progress.
WITH_PROGRESS: Final = ("official_sdk", "langchain_adapters", "pydantic_ai_toolset")

TRANSPORTS: Final = ("stdio", "http")

FAULTY = "numbers = [40, 2]\nprint('adding')\nprint(sum(numbers) / 0)"
CORRECT = "numbers = [40, 2]\nprint(sum(numbers))"

each_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@dataclass(frozen=True)
class Keyed:
    """A service with an API key, and an MCP server over HTTP in front of it.

    Attributes:
        client: An HTTP client of the service with the key.
        key: The key.
        mcp: The URL of the MCP server.
    """

    client: httpx.Client
    key: str
    mcp: str

    def jobs(self, status: str) -> list[str]:
        """Return the ids of the jobs with a status."""
        return [job["id"] for job in self.client.get("/jobs", params={"status": status}).json()["jobs"]]


@pytest.fixture(scope="module")
def keyed(keyed_service: KeyedService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    url, key = str(keyed_service.service.client.base_url), keyed_service.keys["agents"]
    headers = {"Authorization": f"Bearer {key}"}
    log = tmp_path_factory.mktemp("mcp") / "log"
    with mcp_over_http(url, log) as mcp, httpx.Client(base_url=url, headers=headers) as client:
        yield Keyed(client, key, mcp)


class Seen:
    """What a client showed, and what it sent to its model."""

    def __init__(self, shown: dict[str, Any], tool_results: list[list[str]], cancelled: int) -> None:
        self.shown, self._tool_results, self.cancelled = shown, tool_results, cancelled

    def tool_result(self, transport: str, turn: int) -> str:
        """Return what the model was told after one of its turns, which are counted from 0."""
        half = len(self._tool_results) // len(TRANSPORTS)
        (result,) = self._tool_results[TRANSPORTS.index(transport) * half + turn + 1]
        return result


_SEEN: dict[str, Seen] = {}


@pytest.fixture
def seen(client: str, programs: AgentPrograms, keyed: Keyed) -> Seen:
    """Run the program of a client, once for all its tests."""
    if client not in _SEEN:
        _SEEN[client] = _run(client, programs, keyed)
    return _SEEN[client]


def _run(client: str, programs: AgentPrograms, keyed: Keyed, *, again: bool = True) -> Seen:
    conversation = (runs(FAULTY), runs(CORRECT), says("It is 42."))
    before = len(keyed.jobs("cancelled"))
    with scripted_model(*conversation * len(TRANSPORTS)) as model:
        done = programs.run(
            PROGRAMS / f"{client}.py",
            keyed.mcp,
            PYTHON_EXECUTOR_URL=str(keyed.client.base_url),
            PYTHON_EXECUTOR_KEY=keyed.key,
            **model.variables,
        )
        results = [model.tool_results(turn) for turn in range(len(model.requests))]
    if again and "BrokenResourceError" in done.stderr:
        # The SDK 1.x fails when a late message of the server arrives while it closes a session over stdio.
        return _run(client, programs, keyed, again=False)
    assert done.returncode == 0, done.stderr
    # A script whose job is not cancelled ends after 30 seconds. Only the test of cancellation then fails.
    eventually(lambda: not keyed.jobs("running"), within=60, what="no job of the client runs")
    return Seen(json.loads(done.stdout), results, len(keyed.jobs("cancelled")) - before)


def texts(content: list[Any]) -> str:
    """Return the text of a result in any of the clients' forms."""
    return "\n".join(part if isinstance(part, str) else part.get("text", "") for part in content)


def pictures(content: list[Any]) -> list[tuple[str, bytes]]:
    """Return the media types and bytes of the pictures of a result in any of the clients' forms."""
    found = []
    for part in content:
        if isinstance(part, dict) and (data := part.get("data") or part.get("base64")):
            kind = part.get("mimeType") or part.get("mime_type") or part["media_type"]
            found.append((str(kind), base64.b64decode(data)))
    return found


def content_of(result: Any) -> list[Any]:
    return result if isinstance(result, list) else result["content"]


@each_transport
@pytest.mark.parametrize("client", CLIENTS)
def test_client_lists_the_tool(seen: Seen, transport: str) -> None:
    assert seen.shown[transport]["tools"] == ["run_python"]


@each_transport
@pytest.mark.parametrize("client", AGENTS)
def test_model_sees_the_traceback_of_a_failed_script_and_corrects_it(seen: Seen, transport: str) -> None:
    failed = seen.tool_result(transport, 0).replace(r"\n", "\n").replace(r"\"", '"')
    assert "adding\n" in failed
    assert 'File "script.py", line 3, in <module>\n    print(sum(numbers) / 0)\n' in failed
    assert "ZeroDivisionError: division by zero" in failed
    assert "42" in seen.tool_result(transport, 1)
    assert seen.shown[transport]["answer"] == "It is 42."


@each_transport
@pytest.mark.parametrize("client", ["official_sdk"])
def test_failed_script_is_a_result_with_text_and_structure(seen: Seen, transport: str) -> None:
    failed = seen.shown[transport]["failed"]
    assert failed["isError"] is False
    assert 'File "script.py", line 2' in texts(failed["content"])
    structured = failed["structuredContent"]
    assert (structured["status"], structured["error"]["line"]) == ("failed", 2)
    assert (structured["stdout"], structured["exit_code"]) == ("adding\n", 1)


@each_transport
@pytest.mark.parametrize("client", CLIENTS)
def test_client_shows_the_picture_and_the_text(seen: Seen, transport: str) -> None:
    content = content_of(seen.shown[transport]["picture"])
    ((media_type, data),) = pictures(content)
    assert media_type == "image/png"
    assert data.startswith(b"\x89PNG\r\n")
    assert "drawn" in texts(content)


@each_transport
@pytest.mark.parametrize("client", CLIENTS)
def test_client_names_the_wrong_argument_of_a_call(seen: Seen, transport: str, client: str) -> None:
    wrong = seen.shown[transport]["wrong"]
    text = wrong if isinstance(wrong, str) else texts(wrong["content"])
    assert "code: " in text if client == "official_sdk" else "timeout: " in text
    if isinstance(wrong, dict):
        assert wrong.get("isError") is True or wrong.get("status") == "error"


@each_transport
@pytest.mark.parametrize("client", WITH_PROGRESS)
def test_client_tells_the_progress(seen: Seen, transport: str) -> None:
    assert seen.shown[transport]["progress"]


@pytest.mark.parametrize("client", CLIENTS)
def test_script_ends_when_the_client_cancels_its_call_and_leaves(seen: Seen) -> None:
    assert [seen.shown[transport]["cancelled"] for transport in TRANSPORTS] == ["cancelled"] * 2
    assert seen.cancelled == 2


@each_transport
@pytest.mark.parametrize("client", ["official_sdk"])
def test_client_reads_the_environments(seen: Seen, transport: str) -> None:
    environments = json.loads(seen.shown[transport]["resource"])["environments"]
    assert [environment["name"] for environment in environments] == ["stdlib"]


@pytest.mark.parametrize("client", ["official_sdk"])
def test_previous_major_version_speaks_a_revision_of_its_own(seen: Seen) -> None:
    assert [seen.shown[transport]["revision"] for transport in TRANSPORTS] == ["2025-11-25"] * 2
