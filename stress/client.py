"""A client that retries until it has an answer, and never creates a second job for one task."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from harness.client import Answer, Client
from stress.tasks import Task

#: Statuses after which the client sends the same request again, later.
_RETRIED: Final = frozenset({429, 503})

#: The shortest and longest pause before a retry, in seconds.
_PAUSE: Final = (0.1, 0.4)

#: Seconds for which one request waits for the end of a job.
_WAIT: Final = 10

#: The share of accepted jobs that the client submits once more.
_REPEATED: Final = 0.1

_FINAL: Final = frozenset({"succeeded", "failed", "cancelled"})


class Stopped(Exception):
    """The trial ended before the task did."""


@dataclass(slots=True)
class TaskResult:
    """The outcome of one task, as its client saw it.

    Attributes:
        task: The task.
        ids: The ids of all jobs that the API returned for the task.
        job: The last state of its job.
        retries: The number of retries, by reason.
        fault: An answer that no client should get, None if there was no such answer.
    """

    task: Task
    ids: set[str] = field(default_factory=set)
    job: dict[str, Any] | None = None
    retries: Counter[str] = field(default_factory=Counter)
    fault: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the client has seen a final state of the job."""
        return self.job is not None and self.job["status"] in _FINAL


class RetryingClient:
    """Submits tasks and follows them; any number of threads may use it.

    Attributes:
        answers: The time of day at which each answered request was sent, and at which it was answered.
    """

    def __init__(self, url: str, stop: threading.Event, seed: int) -> None:
        """Send nothing yet.

        Args:
            url: The URL of the API.
            stop: The event that ends all retries.
            seed: Determines the pauses, the repeated submissions and the keys.
        """
        self._http = Client(url)
        self._stop, self._seed = stop, seed
        self.answers: list[tuple[float, float]] = []

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def follow(self, result: TaskResult) -> None:
        """Submit the task and ask for its job until it is final; write every fault into the result."""
        task, random = result.task, Random(f"{self._seed} {result.task.number}")
        try:
            self._submit(result, random)
            if random.random() < _REPEATED:
                self._submit(result, random)
            while not result.ended:
                assert result.job
                path = f"/jobs/{result.job['id']}?wait={_WAIT}"
                self._record(result, self._ask(result, random, "GET", path))
        except Stopped:
            return
        except _UnexpectedAnswer as answer:
            result.fault = f"{task.path} of job {task.number} was answered {answer}"

    def _submit(self, result: TaskResult, random: Random) -> None:
        task = result.task
        headers = {"Idempotency-Key": f"{self._seed}-{task.number}"}
        self._record(result, self._ask(result, random, "POST", task.path, body=task.body(), headers=headers))

    def _record(self, result: TaskResult, answer: Answer) -> None:
        if answer.status not in (200, 202, 422) or "id" not in (job := answer.json()):
            raise _UnexpectedAnswer(answer.text)
        result.job = job
        result.ids.add(job["id"])

    def _ask(self, result: TaskResult, random: Random, method: str, path: str, **sent: Any) -> Answer:
        while not self._stop.is_set():
            sent_at = time.time()
            try:
                answer = self._http.ask(method, path, **sent)
            except OSError as error:
                result.retries[type(error).__name__] += 1
            else:
                if answer.status not in _RETRIED:
                    self.answers.append((sent_at, time.time()))
                    return answer
                result.retries[str(answer.status)] += 1
            self._stop.wait(random.uniform(*_PAUSE))
        raise Stopped


class _UnexpectedAnswer(Exception):
    """An answer that no client should get."""
