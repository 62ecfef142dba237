"""The client for programs without an event loop."""

import builtins
import os
import ssl
import time
from collections.abc import Generator, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Final, Self, TypeVar, Unpack

import httpx2

from python_executor import transport
from python_executor.artifact import Artifact, ArtifactInfo
from python_executor.artifact_folder import ArtifactFolder
from python_executor.batch import Batch, check_in_flight
from python_executor.calls import MOST_EMPTY_PAGES, Calls, check_wait
from python_executor.errors import ServiceFault
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

    Every call has a bound. One that waits for no job returns or raises within `timeout` seconds. One that
    waits does so at the latest 5 seconds after its `wait`, or after the `timeout` if that is longer. Only the
    resolver of host names has timeouts of its own.

    Calls of a closed client raise RuntimeError. A process that was forked gets connections of its own.
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
            ValueError: A setting is wrong, or a proxy of the environment.
        """
        self._settings = Settings.make(url, key, timeout)
        self._tls = tls
        self._own = os.getpid(), transport.make_client(self._settings, tls)
        self._calls = Calls(timeout, time.monotonic, self._make_artifact)

    def __repr__(self) -> str:
        return f"Client({self._settings.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Calls that other threads have in progress end with an error."""
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
            wait: Seconds within which it must end, its time in the queue included. For an accepted script
                that is 0 or more; the submission itself may take the `timeout` of the client.
            idempotency_key: A name for this run, at most 255 characters. A second call with the same name and
                script returns the same job. None for a new name.
            options: The attributes of `Script` besides `source`. A `Script` has its own: give none with it.

        Returns:
            The final execution, also of a script that fails. A script that the service refuses, for example
            for a syntax error, has the status `refused`.

        Raises:
            JobNotFinished: The script did not end in time; it goes on.
            RequestRefused: The request is wrong, or the key is.
            ServiceFault: The service did not answer. If the script was accepted, it goes on.
            TypeError: An option has the wrong type.
            ValueError: `inputs`, the wait or the idempotency key is wrong.
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
        """Look a job up.

        Raises:
            NotFound: There is no such job, or it has expired.
            ServiceFault: The service did not answer.
        """
        return self._perform(self._calls.get(job_id))

    def wait(self, job_id: str, *, wait: float = DEFAULT_WAIT) -> Execution:
        """Wait for the end of a job.

        Raises:
            JobNotFinished: It did not end within `wait` seconds; it goes on.
            NotFound: There is no such job, or it has expired.
            ServiceFault: The service did not answer.
        """
        return self._perform(self._calls.wait(job_id, wait))

    def cancel(self, job_id: str) -> Execution:
        """Cancel a job, even if it runs. A job that is cancelled already is returned as it is.

        Raises:
            Conflict: It had already ended otherwise.
            NotFound: There is no such job, or it has expired.
            ServiceFault: The service did not answer.
        """
        return self._perform(self._calls.cancel(job_id))

    def list(self, *statuses: Status | str) -> Generator[Execution, None, None]:
        """Yield your jobs, the newest first; only those with one of the statuses, if there are any.

        The service is asked for each page when its first job is wanted. The timeout holds for each page.

        Raises:
            ValueError: There is no such status.
            ServiceFault: The service did not answer.
        """
        return self._list([Status(status) for status in statuses])

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
            progress: Called in this thread after each execution. What it raises ends the batch.
            options: As for `run`; they hold for every source.

        Returns:
            The executions in the order of the scripts.

        Raises:
            BatchInterrupted: A call raised. It has the executions so far; those in flight are waited for, and
                no other script is sent.
            KeyboardInterrupt: It is raised at once. Scripts in flight go on; `progress` has been given the
                executions so far.
            TypeError: As for `run`, before any script is sent.
            ValueError: As for `run`, before any script is sent.
        """
        each = [make_script(script, options) for script in scripts]
        check_wait(wait)
        check_in_flight(in_flight)
        return Batch(each, lambda script: self.run(script, wait=wait)).collect(in_flight, progress)

    def stream(
        self,
        script: str | Script,
        *,
        wait: float = DEFAULT_WAIT,
        idempotency_key: str | None = None,
        **options: Unpack[Options],
    ) -> Generator[Event, None, None]:
        """Run a script, and yield what happens while it happens. The last event is `Done`.

        If the connection breaks, the client connects again; no output is missing and none comes twice, except
        after `Restarted`. Nothing is sent before the first event is wanted. To stop early, break out of the
        loop; the script goes on until it is cancelled.

        Args:
            script: As for `run`.
            wait: Seconds within which it must end, its time in the queue included.
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

    def follow(self, job_id: str, *, wait: float = DEFAULT_WAIT) -> Generator[Event, None, None]:
        """Yield what happens to a job, from its beginning; as `stream`.

        The output comes while the script runs if the job was submitted with `stream=True`, and otherwise at
        the end.

        Raises:
            JobNotFinished: The job did not end in time; it goes on.
            NotFound: There is no such job, or it has expired.
            ServiceFault: The service did not answer.
        """
        return self._follow(Follower(self._calls, wait, job_id=job_id))

    def save_artifacts(
        self, execution: Execution, folder: str | Path, *, overwrite: bool = False
    ) -> builtins.list[Path]:
        """Download the artifacts of an execution into a folder, each under its path.

        The script chose the paths, so no file is written outside of the folder, nor through a link in it. The
        folder is made if it is missing. Artifacts that the service has dropped are left out.

        Args:
            execution: The execution.
            folder: The folder.
            overwrite: Whether files that are there are replaced.

        Returns:
            The paths of the files.

        Raises:
            FileExistsError: A file is there, and is not to be replaced. No file was written before.
            OSError: A file cannot be written, for example because a link is in its way.
            NotFound: The job has expired.
            ServiceFault: The service did not answer, or the SHA-256 of the bytes is wrong.
        """
        kept = [artifact for artifact in execution.artifacts if not artifact.dropped]
        target = ArtifactFolder(folder, overwrite=overwrite)
        target.check(artifact.path for artifact in kept)
        return [target.write(artifact.path, artifact.bytes()) for artifact in kept]

    def delete_artifacts(self, job_id: str) -> None:
        """Delete the artifacts of a job, so that they no longer count for the API key.

        Raises:
            NotFound: There is no such job, or it has expired.
            ServiceFault: The service did not answer.
        """
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

    @property
    def _http(self) -> httpx2.Client:
        process, http = self._own
        if process != os.getpid():
            # The parent and its child would read each other's answers from a connection that both have.
            http = transport.make_client(self._settings, self._tls)
            self._own = os.getpid(), http
        return http

    def _list(self, statuses: builtins.list[Status]) -> Generator[Execution, None, None]:
        cursor: str | None = None
        empty = 0
        while empty <= MOST_EMPTY_PAGES:
            page, cursor = self._perform(self._calls.page(statuses, cursor))
            yield from page
            if cursor is None:
                return
            empty = 0 if page else empty + 1
        raise ServiceFault("the pages of the list do not end")

    def _follow(self, follower: Follower[Artifact]) -> Generator[Event, None, None]:
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

    def _make_artifact(self, job_id: str, info: ArtifactInfo) -> Artifact:
        return Artifact(**asdict(info), _read=lambda: self._perform(self._calls.read_artifact(job_id, info)))
