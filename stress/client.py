"""A client that calls the library again until it has an answer, and creates one job for each task."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from python_executor import Client, Execution, JobNotFinished, PythonExecutorError, ServiceFault
from stress.tasks import Task

#: Seconds that a call may take, and seconds for which a call waits for the end of a job.
_TIMEOUT: Final = 10.0
_WAIT: Final = 20.0

#: Seconds for which the library waits in a request to /execute. If they were 90 or less, it would use /jobs.
_EXECUTE: Final = 100.0

#: Seconds by which an answer to a call that waits may be late. The client documents it.
_LATE: Final = 5.0

#: The pause before a call that failed is made again, in seconds.
_PAUSE: Final = 0.2

#: The share of accepted jobs that the client submits once more.
_REPEATED: Final = 0.1


class Stopped(Exception):
    """The trial ended before the task did."""


@dataclass(slots=True)
class TaskResult:
    """The outcome of one task, as its client saw it.

    Attributes:
        task: The task.
        ids: The ids of all jobs that the API returned for the task.
        execution: The last state of its job.
        fault: An answer that no client should get, None if there was no such answer.
    """

    task: Task
    ids: set[str] = field(default_factory=set)
    execution: Execution | None = None
    fault: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the client has seen a final state of the job."""
        return self.execution is not None and self.execution.status.final


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the library.

    Attributes:
        began: The time of day at which it began.
        ended: The time of day at which it returned or raised.
        overshoot: Seconds that it took longer than its bound; negative if it was shorter.
        error: The name of what it raised, empty if it returned.
    """

    began: float
    ended: float
    overshoot: float
    error: str = ""


class RetryingClient:
    """Submits tasks and follows them; any number of threads may use it.

    The library repeats requests within the bound of each call. This client makes the call again if it raised.

    Attributes:
        calls: The calls of the library.
    """

    def __init__(self, url: str, stop: threading.Event, seed: int) -> None:
        """Send nothing yet.

        Args:
            url: The URL of the API.
            stop: The event that ends all retries.
            seed: Determines the repeated submissions and the keys.
        """
        self._client = Client(url, "", timeout=_TIMEOUT)
        self._stop, self._seed = stop, seed
        self.calls: list[Call] = []

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def follow(self, result: TaskResult) -> None:
        """Submit the task and wait until its job is final; write every fault into the result."""
        task, random = result.task, Random(f"{self._seed} {result.task.number}")
        try:
            self._submit(result)
            if random.random() < _REPEATED:
                self._submit(result)
            while not result.ended:
                assert result.execution
                wait = partial(self._client.wait, result.execution.id, wait=_WAIT)
                self._record(result, wait, _WAIT + _LATE)
        except Stopped:
            return
        except PythonExecutorError as error:
            result.fault = f"{task.path} of job {task.number} raised {error!r}"

    def _submit(self, result: TaskResult) -> None:
        script, key = result.task.script(), f"{self._seed}-{result.task.number}"
        if result.task.path == "/jobs":
            self._record(result, partial(self._client.submit, script, idempotency_key=key), _TIMEOUT)
        else:
            run = partial(self._client.run, script, wait=_EXECUTE, idempotency_key=key)
            self._record(result, run, _EXECUTE + _LATE)

    def _record(self, result: TaskResult, call: Callable[[], Execution], bound: float) -> None:
        while not self._stop.is_set():
            began, clock = time.time(), time.monotonic()
            error = ""
            try:
                result.execution = call()
                result.ids.add(result.execution.id)
                return
            except (ServiceFault, JobNotFinished) as raised:
                error = type(raised).__name__
            except PythonExecutorError as raised:
                error = type(raised).__name__
                raise
            finally:
                overshoot = time.monotonic() - clock - bound
                self.calls.append(Call(began, time.time(), overshoot, error))
            self._stop.wait(_PAUSE)
        raise Stopped
