"""Which requests over HTTP are served."""

import json
from collections.abc import Awaitable, Callable

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from python_executor.mcp_server.admission import BODIES, BODY, STRUCTURE, Admission, is_simple


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def _post(
    receive: Callable[[], Awaitable[Message]], *headers: tuple[bytes, bytes], arrival: float = 5
) -> int:
    """Return the status of a request."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def main() -> None:
        scope = {"type": "http", "method": "POST", "headers": list(headers)}
        await Admission(_echo, arrival)(scope, receive, send)

    anyio.run(main)
    return statuses[0]


def _arriving(*parts: bytes) -> Receive:
    left = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    left[-1]["more_body"] = False

    async def receive() -> Message:
        return left.pop(0)

    return receive


def test_body_in_parts_is_served() -> None:
    assert _post(_arriving(b"{", b"}")) == 200


@pytest.mark.parametrize(
    "headers", [[], [(b"content-length", str(BODY + 1).encode())], [(b"content-length", b"10")]]
)
def test_body_is_refused_when_it_is_too_large_for_any_content_length(
    headers: list[tuple[bytes, bytes]],
) -> None:
    parts = [b" " * 2**20] * (BODY // 2**20) + [b"  "]
    assert _post(_arriving(*parts), *headers) == 413


def test_body_that_does_not_arrive_is_refused() -> None:
    async def receive() -> Message:
        await anyio.sleep_forever()
        raise AssertionError

    assert _post(receive, arrival=0.05) == 408


def test_requests_are_refused_when_current_requests_fill_the_memory() -> None:
    statuses: list[int] = []

    async def main() -> None:
        enough, held = anyio.Event(), 0

        async def hold(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal held
            held += 1
            if held == BODIES // BODY:
                enough.set()
            await anyio.sleep_forever()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": "POST", "headers": []}
        admission = Admission(hold)
        async with anyio.create_task_group() as group:
            for _ in range(BODIES // BODY):
                group.start_soon(admission, scope, _arriving(b"{}"), send)
            await enough.wait()
            await admission(scope, _arriving(b"{}"), send)
            group.cancel_scope.cancel()
        # What has ended makes room.
        assert admission._taken == 0

    anyio.run(main)
    assert statuses == [503]


@pytest.mark.parametrize(
    ("text", "simple"),
    [
        (json.dumps({"code": '[]"\\,' * 1_000_000}), True),
        (
            json.dumps({"files": [{"path": str(n), "content": '"' * 10_000} for n in range(64)]}, indent=2),
            True,
        ),
        ("[" + "[]," * STRUCTURE, False),
        (json.dumps(["a"] * STRUCTURE), False),
        ('"' * STRUCTURE * 2, False),
        ("[]" + " " * STRUCTURE, False),
    ],
    ids=["code", "files", "lists", "strings", "quotes", "spaces"],
)
def test_body_is_simple_when_it_is_made_of_strings(text: str, simple: bool) -> None:
    assert is_simple(text.encode()) is simple
