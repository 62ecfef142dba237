"""Runs one script for a call, and cancels its job when the call ends first."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final, cast

import anyio

from python_executor.artifact import AsyncArtifact
from python_executor.async_client import AsyncClient
from python_executor.errors import JobNotFinished, PythonExecutorError, RequestRefused, ScriptRefused
from python_executor.events import Done, Event, Output, Restarted, StatusChanged
from python_executor.execution import Execution, Status
from python_executor.script import Script, make_key

#: Seconds that a call waits for the end of a job, its time in the queue included.
WAIT: Final = 120.0

#: Seconds that cancelling a job may take. A server that stops waits for it.
CANCELLING: Final = 5.0

Take = Callable[[StatusChanged | Output | Restarted], None]


async def run(client: AsyncClient, script: Script, take: Take) -> Execution[AsyncArtifact]:
    """Run a script to its end.

    Args:
        client: The client of the caller.
        script: The script.
        take: Called with every event before the last.

    Returns:
        The final execution, with the status `refused` for a script that the service refuses.

    Raises:
        RequestRefused: The request is wrong, or the key is.
        ServiceFault: The service did not answer.
        JobNotFinished: The job did not end in time. It was cancelled, because the call is over.
    """
    key, job_id = make_key(None), ""
    try:
        async with _following(client, script, key) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.execution
                if isinstance(event, StatusChanged):
                    job_id = event.job_id
                take(event)
        raise AssertionError("the events ended before the job")
    except ScriptRefused as refused:
        return Execution(id="", status=Status.REFUSED, error=refused.error, environment=script.environment)
    except RequestRefused:
        raise
    except BaseException:
        # The call ends before the job. A cancellation of the call must not stop the cleanup.
        with anyio.CancelScope(shield=True), anyio.move_on_after(CANCELLING):
            await _cancel(client, script, key, job_id)
        raise


def _following(
    client: AsyncClient, script: Script, key: str
) -> "aclosing[AsyncGenerator[Event[AsyncArtifact], Any]]":
    events = client.stream(script, wait=WAIT, idempotency_key=key)
    return aclosing(cast("AsyncGenerator[Event[AsyncArtifact], Any]", events))


async def _cancel(client: AsyncClient, script: Script, key: str, job_id: str) -> None:
    """Cancel the job of a call.

    If its name has not arrived, it is asked for again, by its idempotency key.
    """
    try:
        if not job_id:
            async with _following(client, script, key) as events:
                async for event in events:
                    if isinstance(event, StatusChanged):
                        job_id = event.job_id
                    break
        if job_id:
            await client.cancel(job_id)
    except (PythonExecutorError, JobNotFinished):
        pass  # it has ended, or the service is away; its timeout ends it
