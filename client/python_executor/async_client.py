"""The client for programs with an event loop, of asyncio or trio."""

import builtins
import ssl
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Self, TypeVar, Unpack

import anyio

from python_executor import transport
from python_executor.artifact import ArtifactInfo, AsyncArtifact
from python_executor.artifact_folder import ArtifactFolder
from python_executor.batch import check_in_flight
from python_executor.calls import MOST_EMPTY_PAGES, Calls, check_wait
from python_executor.client import DEFAULT_WAIT
from python_executor.errors import BatchInterrupted, PythonExecutorError, ServiceFault
from python_executor.events import Event
from python_executor.exchange import Answer, NoAnswer, Send, Steps
from python_executor.execution import Execution, Status
from python_executor.following import Follower
from python_executor.progress import Progress
from python_executor.script import Options, Script, make_key, make_script
from python_executor.service_info import Environment, Health
from python_executor.settings import Settings

T = TypeVar("T")


class AsyncClient:
    """A client of the service, with the methods of `Client`. The tasks of one event loop may share it.

    Use it in an `async with` block, or call `aclose`. Cancelling a call leaves its script running; `cancel`
    ends the script.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Send nothing yet; arguments and errors as for `Client`."""
        self._settings = Settings.make(url, key, timeout)
        self._http = transport.make_async_client(self._settings, tls)
        self._calls = Calls(timeout, time.monotonic, self._make_artifact)

    def __repr__(self) -> str:
        return f"AsyncClient({self._settings.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. Calls that other tasks have in progress end with an error."""
        await self._http.aclose()

    async def run(
        self,
        script: str | Script,
        *,
        wait: float = DEFAULT_WAIT,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Execution[AsyncArtifact]:
        """Run a script and wait for its end, as `Client.run`."""
        return await self._perform(
            self._calls.run(make_script(script, options), make_key(idempotency_key), wait)
        )

    async def submit(
        self,
        script: str | Script,
        *,
        stream: bool = False,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Execution[AsyncArtifact]:
        """Queue a script, as `Client.submit`."""
        return await self._perform(
            self._calls.submit(make_script(script, options), make_key(idempotency_key), stream=stream)
        )

    async def get(self, job_id: str) -> Execution[AsyncArtifact]:
        """Look a job up, as `Client.get`."""
        return await self._perform(self._calls.get(job_id))

    async def wait(self, job_id: str, *, wait: float = DEFAULT_WAIT) -> Execution[AsyncArtifact]:
        """Wait for the end of a job, as `Client.wait`."""
        return await self._perform(self._calls.wait(job_id, wait))

    async def cancel(self, job_id: str) -> Execution[AsyncArtifact]:
        """Cancel a job, as `Client.cancel`."""
        return await self._perform(self._calls.cancel(job_id))

    def list(self, *statuses: Status | str) -> AsyncGenerator[Execution[AsyncArtifact], None]:
        """Yield your jobs, as `Client.list`."""
        return self._list([Status(status) for status in statuses])

    async def batch(
        self,
        scripts: Iterable[str | Script],
        *,
        in_flight: int = 8,
        wait: float = DEFAULT_WAIT,
        progress: Progress[AsyncArtifact] | None = None,
        **options: Unpack[Options],
    ) -> builtins.list[Execution[AsyncArtifact]]:
        """Run any number of scripts, some at a time, as `Client.batch`."""
        each = [make_script(script, options) for script in scripts]
        check_wait(wait)
        check_in_flight(in_flight)
        executions: list[Execution[AsyncArtifact] | None] = [None] * len(each)
        todo = iter(enumerate(each))
        errors: list[Exception] = []
        ended = 0

        async def work() -> None:
            nonlocal ended
            for n, script in todo:
                if errors:
                    return
                try:
                    executions[n] = execution = await self.run(script, wait=wait)
                    ended += 1
                    if progress:
                        progress(ended, len(each), execution)
                except PythonExecutorError as error:
                    errors.append(error)
                except Exception as error:  # noqa: BLE001  # it is raised below, and not as a group
                    errors.insert(0, error)
                    group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for _ in range(min(in_flight, len(each))):
                group.start_soon(work)
        if errors and isinstance(errors[0], PythonExecutorError):
            raise BatchInterrupted(errors[0], executions) from errors[0]
        if errors:
            raise errors[0]
        return [execution for execution in executions if execution is not None]

    def stream(
        self,
        script: str | Script,
        *,
        wait: float = DEFAULT_WAIT,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> AsyncGenerator[Event[AsyncArtifact], None]:
        """Run a script, and yield what happens while it happens, as `Client.stream`.

        To close the connection at once when you stop early, use `contextlib.aclosing`.
        """
        script, key = make_script(script, options), make_key(idempotency_key)
        return self._follow(Follower(self._calls, wait, script=script, key=key))

    def follow(
        self, job_id: str, *, wait: float = DEFAULT_WAIT
    ) -> AsyncGenerator[Event[AsyncArtifact], None]:
        """Yield what happens to a job, as `Client.follow`."""
        return self._follow(Follower(self._calls, wait, job_id=job_id))

    async def save_artifacts(
        self, execution: Execution[AsyncArtifact], folder: str | Path, *, overwrite: bool = False
    ) -> builtins.list[Path]:
        """Download the artifacts of an execution into a folder, as `Client.save_artifacts`."""
        kept = [artifact for artifact in execution.artifacts if not artifact.dropped]
        target = ArtifactFolder(folder, overwrite=overwrite)
        target.check(artifact.path for artifact in kept)
        return [
            await anyio.to_thread.run_sync(target.write, artifact.path, await artifact.bytes())
            for artifact in kept
        ]

    async def delete_artifacts(self, job_id: str) -> None:
        """Delete the artifacts of a job, as `Client.delete_artifacts`."""
        await self._perform(self._calls.delete_artifacts(job_id))

    async def environments(self) -> tuple[Environment, ...]:
        """List the environments, as `Client.environments`."""
        return await self._perform(self._calls.environments())

    async def ceilings(self) -> dict[str, float]:
        """Ask for the most that a script may ask for, as `Client.ceilings`."""
        return await self._perform(self._calls.ceilings())

    async def health(self) -> Health:
        """Ask whether the service runs jobs, as `Client.health`."""
        return await self._perform(self._calls.health())

    async def _list(self, statuses: builtins.list[Status]) -> AsyncGenerator[Execution[AsyncArtifact], None]:
        cursor: str | None = None
        empty = 0
        while empty <= MOST_EMPTY_PAGES:
            page, cursor = await self._perform(self._calls.page(statuses, cursor))
            for execution in page:
                yield execution
            if cursor is None:
                return
            empty = 0 if page else empty + 1
        raise ServiceFault("the pages of the list do not end")

    async def _follow(self, follower: Follower[AsyncArtifact]) -> AsyncGenerator[Event[AsyncArtifact], None]:
        while True:
            ended: list[Answer | NoAnswer] = []
            async with aclosing(transport.events_async(self._http, follower, ended)) as events:
                async for event in events:
                    yield event
            if follower.execution:
                return
            await anyio.sleep(follower.pause_after(ended[0]))

    async def _perform(self, steps: Steps[T]) -> T:
        answer = None
        try:
            while True:
                step = steps.send(answer)
                if isinstance(step, Send):
                    answer = await transport.send_async(self._http, step)
                else:
                    await anyio.sleep(step.seconds)
                    answer = None
        except StopIteration as end:
            value: T = end.value
            return value

    def _make_artifact(self, job_id: str, info: ArtifactInfo) -> AsyncArtifact:
        async def read() -> bytes:
            return await self._perform(self._calls.read_artifact(job_id, info))

        return AsyncArtifact(**asdict(info), _read=read)
