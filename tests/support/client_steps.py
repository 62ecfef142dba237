"""Perform the steps of a call of the client without a network, at the speed of a fake clock."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from python_executor.exchange import Answer, Failure, NoAnswer, Pause, Send, Steps

T = TypeVar("T")

REFUSED = NoAnswer("refused", Failure.UNREACHABLE)
BROKEN = NoAnswer("broken", Failure.BROKEN)
SLOW = NoAnswer("slow", Failure.SLOW)
PERMANENT = NoAnswer("untrusted", Failure.PERMANENT)


def answer(status: int, body: Any = None, **headers: str) -> Answer:
    """Return an answer with JSON. An underscore in the name of a header is a hyphen."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, fields, json.dumps({} if body is None else body).encode())


def error(status: int, kind: str = "unavailable", **headers: str) -> Answer:
    """Return an error of the service."""
    return answer(status, {"error": {"type": kind, "message": f"{kind}!"}}, **headers)


def job(status: str = "queued", job_id: str = "a", **fields: Any) -> dict[str, Any]:
    """Return a job object as the service sends it."""
    empty = dict.fromkeys(
        "result stdout stderr error exit_code environment_digest sandbox started_at finished_at".split()
    )
    return {
        "id": job_id,
        "status": status,
        **empty,
        "truncated": {"stdout": False, "stderr": False},
        "usage": dict.fromkeys(["wall_ms", "cpu_ms", "memory_peak_bytes", "queued_ms"]),
        "artifacts": [],
        "artifacts_truncated": False,
        "environment": "stdlib",
        "limits": {"timeout": 5.0, "cpu": 5.0, "memory_mb": 256, "processes": 32},
        "created_at": "2026-01-01T12:00:00.000Z",
        **fields,
    }


@dataclass
class Performer:
    """Performs steps with prepared answers.

    Attributes:
        now: The time.
        steps: What the call did.
        takes: Returns the seconds that an answer takes with status 200.
    """

    now: float = 1000.0
    steps: list[Send | Pause] = field(default_factory=list)
    takes: Callable[[Send], float] = field(default=lambda _: 0.0)

    def clock(self) -> float:
        return self.now

    def perform(self, steps: Steps[T], answers: Iterable[Answer | NoAnswer]) -> T:
        """Perform a call. What is slow takes all the time that it may take; the last answer is repeated."""
        *some, last = answers
        remaining = iter(some)
        sent: Answer | NoAnswer | None = None
        try:
            while True:
                step = steps.send(sent)
                self.steps.append(step)
                assert len(self.steps) < 10_000, "the call does not end"
                if isinstance(step, Pause):
                    self.now += step.seconds
                    sent = None
                else:
                    sent = next(remaining, last)
                    self.now += self._seconds(step, sent)
        except StopIteration as end:
            value: T = end.value
            return value

    def _seconds(self, step: Send, sent: Answer | NoAnswer) -> float:
        if sent == SLOW:
            return step.seconds
        return 0.001 + (self.takes(step) if isinstance(sent, Answer) and sent.status == 200 else 0.0)

    @property
    def sent(self) -> list[Send]:
        return [step for step in self.steps if isinstance(step, Send)]

    @property
    def paths(self) -> list[str]:
        return [f"{send.request.method} {send.request.path}" for send in self.sent]

    @property
    def pauses(self) -> list[float]:
        return [step.seconds for step in self.steps if isinstance(step, Pause)]

    @property
    def elapsed(self) -> float:
        return self.now - 1000.0
