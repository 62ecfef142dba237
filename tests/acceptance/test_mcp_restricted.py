"""The MCP server in front of a service without files, without packages and without keys."""

import pytest

from python_executor.mcp_server.exposure import check_exposure
from tests.support.mcp_server import http_server, over_http, run_python, texts
from tests.support.service import Service, free_port

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


async def test_script_runs_where_workers_have_no_files(restricted_service: Service) -> None:
    with http_server(restricted_service.client.base_url) as server:
        # The service needs no key, and a caller may have one.
        async with over_http(server, "unneeded") as client:
            result = await run_python(client, "print(6 * 7)")
            assert result.structured_content["stdout"] == "42\n"
            assert result.structured_content["artifacts"] == []
            for arguments in ({"files": [{"path": "a", "content": ""}]}, {"artifacts": ["*.png"]}):
                refused = await run_python(client, "print(1)", **arguments)
                assert refused.is_error
                assert texts(refused)[0].startswith("The service refused the call: ")
            refused = await run_python(client, "open('a')")
            assert refused.structured_content["status"] == "refused"


def test_server_refuses_to_listen_for_other_machines_when_the_service_has_no_keys(
    restricted_service: Service,
) -> None:
    url = str(restricted_service.client.base_url)
    with pytest.raises(ValueError, match="needs no API key"):
        check_exposure(url, "192.0.2.1", (), allow_unauthenticated=False)
    check_exposure(url, "192.0.2.1", (), allow_unauthenticated=True)
    check_exposure(url, "127.0.0.1", (), allow_unauthenticated=False)


def test_server_asks_for_a_name_when_it_listens_on_all_addresses() -> None:
    with pytest.raises(ValueError, match="--allowed-host"):
        check_exposure("http://127.0.0.1:1", "0.0.0.0", (), allow_unauthenticated=True)


def test_server_does_not_guess_when_the_service_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_executor.mcp_server.exposure._ASKING", 0.2)
    with pytest.raises(ValueError, match="cannot ask the service"):
        check_exposure(f"http://127.0.0.1:{free_port()}", "192.0.2.1", (), allow_unauthenticated=False)
