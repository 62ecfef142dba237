"""The MCP server over HTTP: many callers, each with a key of its own, none of which sees another's."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio
import httpx2
import pytest
from mcp import MCPError

from tests.support.keyed_service import KeyedService
from tests.support.mcp_server import LONG, McpServer, http_server, jobs, over_http, run_python, texts
from tests.support.service import Service
from tests.support.wait import eventually

pytestmark = pytest.mark.anyio

REFUSED = ["The service refused the API key: it is missing or wrong."]

#: The revisions with and without sessions.
MODES = ["auto", "legacy"]

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@dataclass(frozen=True)
class Callers:
    """A service, the server in front of it, and the keys of two callers."""

    service: Service
    server: McpServer
    ada: str
    bob: str


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def callers(keyed_service: KeyedService) -> Iterator[Callers]:
    """A server whose own process has a valid key, which is for none of its callers."""
    service, keys = keyed_service.service, keyed_service.keys
    with http_server(service.client.base_url, key=keys["own"]) as server:
        yield Callers(service, server, keys["ada"], keys["bob"])


@pytest.fixture(scope="module")
async def http(anyio_backend: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A plain HTTP client, for what no MCP client sends."""
    async with httpx2.AsyncClient(headers=HEADERS, timeout=30, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("mode", MODES)
async def test_callers_run_scripts_with_their_own_keys(callers: Callers, mode: str) -> None:
    for key in (callers.ada, callers.bob):
        async with over_http(callers.server, key, mode) as client:
            result = await run_python(client, "print(6 * 7)")
            assert result.structured_content["stdout"] == "42\n"
            job_id = result.structured_content["job_id"]
        for other in (callers.ada, callers.bob):
            answer = callers.service.client.get(f"/jobs/{job_id}", headers=_bearer(other))
            assert answer.status_code == (200 if other == key else 404)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("key", ["", "wrong"])
async def test_caller_without_a_right_key_gets_none_of_the_server(
    callers: Callers, key: str, mode: str
) -> None:
    async with over_http(callers.server, key, mode) as client:
        assert (await client.list_tools()).tools[0].name == "run_python"
        result = await run_python(client, "print(1)")
        assert result.is_error
        assert texts(result) == REFUSED
        with pytest.raises(MCPError):
            await client.read_resource("python-executor://environments")


@pytest.mark.parametrize("value", ["Basic YTpi", "token"])
async def test_other_authorization_is_refused(callers: Callers, http: httpx2.AsyncClient, value: str) -> None:
    answer = await http.post(callers.server.url, json=INITIALIZE, headers={"Authorization": value})
    assert answer.status_code == 400


async def test_file_of_one_caller_is_none_of_another(callers: Callers) -> None:
    async with over_http(callers.server, callers.ada) as ada, over_http(callers.server, callers.bob) as bob:
        result = await run_python(ada, "open('secret.txt', 'w').write('mine')")
        (file,) = result.structured_content["artifacts"]
        assert (await ada.read_resource(file["uri"])).contents[0].model_dump()["text"] == "mine"
        with pytest.raises(MCPError, match="There is no such file"):
            await bob.read_resource(file["uri"])


@pytest.mark.parametrize("mode", MODES)
async def test_progress_of_one_caller_is_none_of_another(callers: Callers, mode: str) -> None:
    seen: dict[str, list[str]] = {"ada": [], "bob": []}

    async def call(name: str, key: str) -> None:
        async def take(progress: float, total: float | None, message: str | None) -> None:
            seen[name].append(message or "")

        async with over_http(callers.server, key, mode) as client:
            script = f"import time\nfor n in range(20):\n    print('{name}', n)\n    time.sleep(0.05)"
            result = await client.call_tool("run_python", {"code": script}, progress_callback=take)
            assert set(result.structured_content["stdout"].split()[::2]) == {name}

    async with anyio.create_task_group() as group:
        group.start_soon(call, "ada", callers.ada)
        group.start_soon(call, "bob", callers.bob)
    assert "ada" in str(seen["ada"])
    assert "bob" in str(seen["bob"])
    assert "bob" not in str(seen["ada"])
    assert "ada" not in str(seen["bob"])


@pytest.mark.parametrize("mode", MODES)
async def test_cancelled_call_cancels_its_job(callers: Callers, mode: str) -> None:
    async with over_http(callers.server, callers.ada, mode) as client:
        with anyio.CancelScope() as scope:

            async def cancel(progress: float, total: float | None, message: str | None) -> None:
                if message == "begun":
                    scope.cancel()

            await client.call_tool("run_python", {"code": LONG, "timeout": 30}, progress_callback=cancel)
        assert scope.cancelled_caught
        await _wait_until_no_job_runs(callers)


async def test_closed_connection_cancels_the_job(callers: Callers, http: httpx2.AsyncClient) -> None:
    async with http.stream("POST", callers.server.url, **_modern_call(callers.ada)) as answer:
        async for line in answer.aiter_lines():
            if "begun" in line:
                break
    await _wait_until_no_job_runs(callers)


async def test_session_that_ends_cancels_its_job(callers: Callers, http: httpx2.AsyncClient) -> None:
    session = await _open_session(callers, http, callers.ada)
    async with http.stream(
        "POST", callers.server.url, json=_call(LONG), headers={**session, **_bearer(callers.ada)}
    ) as answer:
        async for line in answer.aiter_lines():
            if "begun" in line:
                break
        ended = await http.delete(callers.server.url, headers={**session, **_bearer(callers.ada)})
        assert ended.status_code == 200
    await _wait_until_no_job_runs(callers)


async def test_session_is_not_found_for_another_caller(callers: Callers, http: httpx2.AsyncClient) -> None:
    session = await _open_session(callers, http, callers.ada)
    listing = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}
    async with http.stream(
        "POST", callers.server.url, json=_call(LONG), headers={**session, **_bearer(callers.ada)}
    ) as answer:
        lines = answer.aiter_lines()
        async for line in lines:
            if "begun" in line:
                break
        for key in (callers.bob, "", "wrong"):
            stolen = {**session, **_bearer(key)}
            for attempt in (
                http.post(callers.server.url, json=listing, headers=stolen),
                http.post(callers.server.url, json=_cancel(5), headers=stolen),
                http.get(callers.server.url, headers={**stolen, "Accept": "text/event-stream"}),
                http.delete(callers.server.url, headers=stolen),
            ):
                assert (await attempt).status_code == 404
        # In a session of his own, Bob names a request of Ada's.
        own = await _open_session(callers, http, callers.bob)
        cancelled = await http.post(
            callers.server.url, json=_cancel(5), headers={**own, **_bearer(callers.bob)}
        )
        assert cancelled.status_code == 202
        assert len(jobs(callers.service, "running", key=callers.ada)) == 1
        await http.post(callers.server.url, json=_cancel(5), headers={**session, **_bearer(callers.ada)})
        await _wait_until_no_job_runs(callers)


async def test_session_ids_are_long_and_differ(callers: Callers, http: httpx2.AsyncClient) -> None:
    ids = {(await _open_session(callers, http, callers.ada))["Mcp-Session-Id"] for _ in range(10)}
    assert len(ids) == 10
    assert all(len(one) == 32 for one in ids)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:6274"}, 200),
        ({"Host": "localhost:1"}, 200),
    ],
)
async def test_server_refuses_requests_of_foreign_web_pages(
    callers: Callers, http: httpx2.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await http.post(callers.server.url, json=INITIALIZE, headers=headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_request_is_refused_when_it_is_larger_than_any_script_with_files(
    callers: Callers, http: httpx2.AsyncClient
) -> None:
    async with over_http(callers.server, callers.ada) as client:
        files = [{"path": f"{n}.txt", "content": "x" * 2_000_000} for n in range(4)]
        result = await run_python(client, "import os\nprint(os.path.getsize('3.txt'))", files=files)
        assert result.structured_content["stdout"] == "2000000\n"
    answer = await http.post(callers.server.url, content=b" " * (14 * 2**20))
    assert answer.status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(14):
            yield b" " * 2**20

    answer = await http.post(callers.server.url, content=chunks())
    assert answer.status_code == 413


async def test_caller_has_a_bounded_number_of_scripts_at_a_time(callers: Callers) -> None:
    refused: list[list[str]] = []
    async with over_http(callers.server, callers.ada) as ada, over_http(callers.server, callers.bob) as bob:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:

                async def call() -> None:
                    refused.append(texts(await run_python(ada, LONG, timeout=30)))
                    if len(refused) == 4:
                        scope.cancel()

                for _ in range(20):
                    group.start_soon(call)
        assert scope.cancelled_caught
        assert refused == [["Too many scripts of this server run now; try again when one has ended."]] * 4
        await _wait_until_no_job_runs(callers)
        assert (await run_python(bob, "print(1)")).structured_content["stdout"] == "1\n"


@pytest.mark.parametrize("mode", MODES)
async def test_server_that_is_told_to_stop_cancels_scripts_and_ends(callers: Callers, mode: str) -> None:
    with http_server(callers.service.client.base_url) as server:
        async with over_http(server, callers.ada, mode) as client:

            async def stop(progress: float, total: float | None, message: str | None) -> None:
                if message == "begun":
                    server.process.terminate()

            try:
                result = await client.call_tool(
                    "run_python", {"code": LONG, "timeout": 30}, progress_callback=stop
                )
                assert texts(result) == ["The server is stopping; the script was cancelled."]
            except MCPError:
                assert mode == "legacy"
            await anyio.to_thread.run_sync(server.process.wait, 5)
        await _wait_until_no_job_runs(callers)
        printed = server.log.read_text()
    assert "Traceback" not in printed


async def test_log_has_no_keys_and_no_scripts(callers: Callers, http: httpx2.AsyncClient) -> None:
    async with over_http(callers.server, callers.ada) as client:
        await run_python(client, "print('PRIVATE')")
    for broken in (b'{"PRIVATE', b'{"jsonrpc": "2.0", "id": 1, "method": "PRIVATE", "params": ["PRIVATE"]}'):
        for version in ("2025-11-25", "2026-07-28"):
            headers = {"MCP-Protocol-Version": version, **_bearer(callers.ada)}
            answer = await http.post(callers.server.url, content=broken, headers=headers)
            assert answer.status_code >= 400
    printed = callers.server.log.read_text()
    assert "PRIVATE" not in printed
    assert callers.ada not in printed
    assert callers.bob not in printed


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _call(code: str) -> dict[str, Any]:
    arguments = {"code": code, "timeout": 30}
    params = {"name": "run_python", "arguments": arguments, "_meta": {"progressToken": "t"}}
    return {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": params}


def _cancel(request_id: int) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id}}


def _modern_call(key: str) -> dict[str, Any]:
    call = _call(LONG)
    call["params"]["_meta"] |= {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "run_python",
        **_bearer(key),
    }
    return {"content": json.dumps(call), "headers": headers}


async def _open_session(callers: Callers, http: httpx2.AsyncClient, key: str) -> dict[str, str]:
    """Open a session; return the header that names it."""
    answer = await http.post(callers.server.url, json=INITIALIZE, headers=_bearer(key))
    session = {"Mcp-Session-Id": answer.headers["mcp-session-id"]}
    done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    await http.post(callers.server.url, json=done, headers={**session, **_bearer(key)})
    return session


async def _wait_until_no_job_runs(callers: Callers) -> None:
    def none_runs() -> bool:
        return not jobs(callers.service, "running", "queued", key=callers.ada)

    await anyio.to_thread.run_sync(partial(eventually, none_runs, within=15, what="no job runs"))
    assert jobs(callers.service, "cancelled", key=callers.ada)
