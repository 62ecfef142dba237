"""Uses the client and prints a line of JSON: type checkers read this program, and several versions of Python run it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, assert_type

from python_executor import (
    Artifact,
    AsyncArtifact,
    AsyncClient,
    Client,
    Done,
    Environment,
    Event,
    Execution,
    ExecutionFailed,
    Health,
    JobNotFinished,
    Output,
    Restarted,
    Script,
    ScriptError,
    ScriptRefused,
    ServiceFault,
    Status,
    StatusChanged,
)

WRITES = Script(source="open('a.txt', 'w').write('text')", artifacts=["*.txt"], timeout=3)


def use_client(client: Client) -> dict[str, Any]:
    """Call every kind of method of a client, and return what came of it."""
    assert_type(client.health(), Health)
    assert_type(client.environments(), tuple[Environment, ...])
    printed = assert_type(client.run("print('Hello')"), Execution[Artifact])
    assert_type(printed.status, Status)
    assert_type(printed.error, ScriptError | None)
    returned = client.run("def main(n): return {'twice': 2 * n}", inputs={"n": 21}, memory_mb=128)
    refused = client.run("while")
    written = client.run(WRITES)
    artifact = assert_type(written.artifact("a.txt"), Artifact)
    saved = assert_type(artifact.save(Path("saved.txt")), Path)
    events: Iterator[Event[Artifact]] = client.stream("print('live')")
    texts = []
    for event in events:
        assert_type(event, StatusChanged | Output | Restarted | Done[Artifact])
        if isinstance(event, Output):
            texts.append(assert_type(event.text, str))
    each = assert_type(client.batch([f"print({n})" for n in range(5)]), list[Execution[Artifact]])
    return {
        "printed": printed.stdout,
        "returned": returned.result,
        "refused": [refused.status, line_of_error(client)],
        "saved": [saved.read_text(), artifact.bytes().decode()],
        "streamed": "".join(texts),
        "batch": [execution.stdout for execution in each],
        "failed": reason_of_failure(client),
    }


def line_of_error(client: Client) -> int | None:
    """Return the line of a script that cannot run."""
    try:
        client.submit("while")
    except ScriptRefused as refused:
        return assert_type(refused.error, ScriptError).line
    return None


def reason_of_failure(client: Client) -> str:
    """Return the message of a script that fails."""
    try:
        execution = assert_type(client.run("1 / 0", wait=60).raise_for_error(), Execution[Artifact])
    except ExecutionFailed as failed:
        return str(failed.execution.error.message) if failed.execution.error else ""
    except (JobNotFinished, ServiceFault) as fault:
        return str(fault)
    return str(execution.status)


async def use_async_client(client: AsyncClient) -> dict[str, Any]:
    """Do the same with an event loop."""
    execution = assert_type(await client.run(WRITES), Execution[AsyncArtifact])
    artifact = assert_type(execution.artifact("a.txt"), AsyncArtifact)
    events: AsyncIterator[Event[AsyncArtifact]] = client.stream("print('live')")
    texts = [event.text async for event in events if isinstance(event, Output)]
    each = assert_type(await client.batch(["print(1)", "print(2)"]), list[Execution[AsyncArtifact]])
    listed = [one.id async for one in client.list(Status.SUCCEEDED)]
    return {
        "saved": assert_type(await artifact.bytes(), bytes).decode(),
        "streamed": "".join(texts),
        "batch": [execution.stdout for execution in each],
        "listed": execution.id in listed,
    }


async def main() -> None:
    """Run everything against the service that PYTHON_EXECUTOR_URL names."""
    with Client() as client:
        found = await asyncio.to_thread(use_client, client)
    async with AsyncClient() as async_client:
        found["async"] = await use_async_client(async_client)
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
