"""A careful client: it asks again until it has an answer, and never makes a second job of one."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import httpx

from stress.tasks import Task

#: Answers that mean: the same again, later.
_AGAIN: Final = frozenset({429, 503})

#: Seconds between two tries, at the least and at the most.
_PAUSE: Final = (0.1, 0.4)

#: Seconds one look waits for a job's end.
_WAIT: Final = 10

#: The share of jobs whose client submits them once more although they were accepted.
_REPEATED: Final = 0.1

_FINAL: Final = frozenset({"succeeded", "failed", "cancelled"})


class Stopped(Exception):
    """The trial is over before the task was."""


@dataclass(slots=True)
class Report:
    """What became of one task. ids: of the jobs it was told of. job: its job's last state."""

    task: Task
    ids: set[str] = field(default_factory=set)
    job: dict[str, Any] | None = None
    retries: Counter[str] = field(default_factory=Counter)
    fault: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the job was seen to be final."""
        return self.job is not None and self.job["status"] in _FINAL


class Client:
    """Submits tasks and follows them; any number of threads may use it.

    answers: when each request was sent, and answered, that the service did answer.
    """

    def __init__(self, url: str, stop: threading.Event, seed: int) -> None:
        """Talk to the API at `url` until `stop`."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self._http = httpx.Client(base_url=url, timeout=60, limits=limits)
        self._stop, self._seed = stop, seed
        self.answers: list[tuple[float, float]] = []

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def follow(self, report: Report) -> None:
        """Submit the task and look it up until it is final. What is wrong is in the report, never raised."""
        task, random = report.task, Random(f"{self._seed} {report.task.number}")
        try:
            self._submit(report, random)
            if random.random() < _REPEATED:
                self._submit(report, random)
            while not report.ended:
                assert report.job
                self._take(report, self._ask(report, random, "GET", f"/jobs/{report.job['id']}?wait={_WAIT}"))
        except Stopped:
            return
        except _Unexpected as answer:
            report.fault = f"{task.path} of job {task.number} was answered {answer}"

    def _submit(self, report: Report, random: Random) -> None:
        task = report.task
        sent: dict[str, Any] = {
            "json": task.body(),
            "headers": {"Idempotency-Key": f"{self._seed}-{task.number}"},
        }
        self._take(report, self._ask(report, random, "POST", task.path, **sent))

    def _take(self, report: Report, answer: httpx.Response) -> None:
        if answer.status_code not in (200, 202, 422) or "id" not in answer.json():
            raise _Unexpected(f"{answer.status_code} {answer.text[:300]}")
        report.job = answer.json()
        report.ids.add(answer.json()["id"])

    def _ask(self, report: Report, random: Random, method: str, path: str, **sent: Any) -> httpx.Response:
        while not self._stop.is_set():
            sent_at = time.time()
            try:
                answer = self._http.request(method, path, **sent)
            except httpx.TransportError as error:
                report.retries[type(error).__name__] += 1
            else:
                if answer.status_code not in _AGAIN:
                    self.answers.append((sent_at, time.time()))
                    return answer
                report.retries[str(answer.status_code)] += 1
            self._stop.wait(random.uniform(*_PAUSE))
        raise Stopped


class _Unexpected(Exception):
    """An answer no client should get."""
