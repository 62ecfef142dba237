"""The client for programs without an event loop."""

import builtins
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from typing import Any, Final, Self, TypeVar, Unpack

from python_executor import transport
from python_executor.artifact import Artifact, ArtifactInfo
from python_executor.calls import Calls
from python_executor.errors import BatchInterrupted, PythonExecutorError
from python_executor.events import Event
from python_executor.exchange import Send, Steps
from python_executor.execution import Execution, Status
from python_executor.following import Follower
from python_executor.progress import Progress
from python_executor.script import Options, Script, make_key, make_script
from python_executor.service_info import Environment, Health
from python_executor.settings import Settings

T = TypeVar("T")

#: Seconds that calls which wait for a job wait by default.
DEFAULT_WAIT: Final = 300.0


class Client:
    """A client of the service. Threads may share it; `close` it, or use it in a `with` block.

    A script that fails is a value, an `Execution`. A service that fails is an exception, see `errors`. The
    client repeats a call after a fault; a script that was sent twice still runs once.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Send nothing yet.

        Args:
            url: The URL of the service; None for the variable PYTHON_EXECUTOR_URL, or http://127.0.0.1:8080.
            key: The API key; None for the variable PYTHON_EXECUTOR_KEY, or no key.
            timeout: Seconds that a call may take which waits for no job. A call that waits gives up when the
                service has been away for this long.
            tls: The certificates to trust; None for those of the system.

        Raises:
            ValueError: A setting is wrong.
        """
        self._settings = Settings.make(url, key, timeout)
        self._http = transport.make_client(self._settings, tls)
        self._calls = Calls(timeout, time.monotonic, self._make_artifact)

    def __repr__(self) -> str:
        return f"Client({self._settings.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def run(
        self,
        script: str | Script,
        *,
        wait: float = DEFAULT_WAIT,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Execution:
        """Run a script and wait for its end.

        Args:
            script: The source, or a `Script`.
            wait: Seconds within which it must end, its time in the queue included.
            idempotency_key: A name for this run, at most 255 characters. A second call with the same name and
                script returns the same job. None for a new name.
            options: What else can be said of a script, see `Script`; not together with a `Script`.

        Returns:
            The final execution, also of a script that fails. A script that the service refuses, for example
            for a syntax error, has the status `refused`.

        Raises:
            JobNotFinished: The script did not end in time; it goes on.
            RequestRefused: The request is wrong, or the key is.
            ServiceFault: The service did not answer.
        """
        return self._perform(self._calls.run(make_script(script, options), make_key(idempotency_key), wait))

    def submit(
        self,
        script: str | Script,
        *,
        stream: bool = False,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Execution:
        """Queue a script; return its execution, which has not ended.

        Args:
            script: As for `run`.
            stream: Whether `follow` can show the output while the script runs.
            idempotency_key: As for `run`.
            options: As for `run`.

        Raises:
            ScriptRefused: The script cannot run.
            RequestRefused: The request is wrong, or the key is.
            ServiceFault: The service did not answer.
        """
        return self._perform(
            self._calls.submit(make_script(script, options), make_key(idempotency_key), stream=stream)
        )

    def get(self, job_id: str) -> Execution:
        """Look a job up. Raises NotFound if there is none, or it has expired."""
        return self._perform(self._calls.get(job_id))

    def wait(self, job_id: str, *, wait: float = DEFAULT_WAIT) -> Execution:
        """Wait for the end of a job.

        Raises:
            JobNotFinished: It did not end within `wait` seconds; it goes on.
            NotFound: There is no such job, or it has expired.
        """
        return self._perform(self._calls.wait(job_id, wait))

    def cancel(self, job_id: str) -> Execution:
        """Cancel a job, even if it runs.

        Raises:
            Conflict: It had already ended otherwise.
            NotFound: There is no such job, or it has expired.
        """
        return self._perform(self._calls.cancel(job_id))

    def list(self, *statuses: Status | str) -> Iterator[Execution]:
        """Yield your jobs, the newest first; only those with one of the statuses, if there are any."""
        cursor: str | None = None
        while True:
            page, cursor = self._perform(self._calls.page(statuses, cursor))
            yield from page
            if cursor is None:
                return

    def batch(
        self,
        scripts: Iterable[str | Script],
        *,
        in_flight: int = 8,
        wait: float = DEFAULT_WAIT,
        progress: Progress | None = None,
        **options: Unpack[Options],
    ) -> builtins.list[Execution]:
        """Run any number of scripts, some at a time.

        Args:
            scripts: The sources, or `Script` objects.
            in_flight: How many are with the service at a time.
            wait: Seconds for each, as for `run`.
            progress: Called in this thread after each execution.
            options: What else can be said of every source, see `Script`.

        Returns:
            The executions in the order of the scripts.

        Raises:
            BatchInterrupted: A call raised. It has the executions so far; those in flight are waited for.
        """
        each = [make_script(script, options) for script in scripts]
        executions: list[Execution | None] = [None] * len(each)
        pool = ThreadPoolExecutor(in_flight, "batch")
        futures = {pool.submit(self.run, one, wait=wait): n for n, one in enumerate(each)}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                executions[futures[future]] = execution = future.result()
                if progress:
                    progress(done, len(each), execution)
        except PythonExecutorError as error:
            pool.shutdown(cancel_futures=True)
            for future, n in futures.items():
                if not future.cancelled() and not future.exception():
                    executions[n] = future.result()
            raise BatchInterrupted(error, executions) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return [execution for execution in executions if execution is not None]

    def stream(
        self,
        script: str | Script,
        *,
        wait: float = DEFAULT_WAIT,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Iterator[Event]:
        """Run a script, and yield what happens while it happens. The last event is `Done`.

        If the connection breaks, the client connects again; no output is missing and none comes twice. To
        stop early, break out of the loop; the script goes on until it is cancelled.

        Args:
            script: As for `run`.
            wait: Seconds within which it must end. The service is asked at least every 15 seconds.
            idempotency_key: As for `run`.
            options: As for `run`.

        Raises:
            ScriptRefused: The script cannot run.
            JobNotFinished: The script did not end in time; it goes on.
            RequestRefused: The request is wrong, or the key is.
            ServiceFault: The service did not answer.
        """
        follower = Follower(
            self._calls, wait, script=make_script(script, options), key=make_key(idempotency_key)
        )
        return self._follow(follower)

    def follow(self, job_id: str, *, wait: float = DEFAULT_WAIT) -> Iterator[Event]:
        """Yield what happens to a job, from its beginning; as `stream`."""
        return self._follow(Follower(self._calls, wait, job_id=job_id))

    def delete_artifacts(self, job_id: str) -> None:
        """Delete the artifacts of a job, so that they no longer count for the API key."""
        self._perform(self._calls.delete_artifacts(job_id))

    def environments(self) -> tuple[Environment, ...]:
        """List the environments, sets of packages that scripts can use."""
        return self._perform(self._calls.environments())

    def ceilings(self) -> dict[str, float]:
        """Ask for the most that a script may ask for: `timeout`, `cpu`, `memory_mb`, `processes`."""
        return self._perform(self._calls.ceilings())

    def health(self) -> Health:
        """Ask whether the service runs jobs. A service that does not answer is not ready."""
        return self._perform(self._calls.health())

    def _follow(self, follower: Follower[Artifact]) -> Iterator[Event]:
        while True:
            fault = yield from transport.events(self._http, follower)
            if follower.execution:
                return
            time.sleep(follower.pause_after(fault))

    def _perform(self, steps: Steps[T]) -> T:
        answer = None
        try:
            while True:
                step = steps.send(answer)
                if isinstance(step, Send):
                    answer = transport.send(self._http, step)
                else:
                    time.sleep(step.seconds)
                    answer = None
        except StopIteration as end:
            value: T = end.value
            return value

    def _make_artifact(self, job_id: str, data: Mapping[str, Any]) -> Artifact:
        info = ArtifactInfo.of(data)
        return Artifact(**asdict(info), _read=lambda: self._perform(self._calls.read_artifact(job_id, info)))
