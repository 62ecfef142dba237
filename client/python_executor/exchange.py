"""One request and its answer, with retries, as steps that do no input or output.

A generator yields a `Send` or a `Pause` and is sent the answer. So `Client` and `AsyncClient` share every
rule, and tests need no network.
"""

import json
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from python_executor.errors import ServiceFault

T = TypeVar("T")

#: The statuses after which the same request may succeed later.
RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})

#: Seconds before the first retry, the factor from one to the next, and the most.
FIRST_PAUSE: Final = 0.1
PAUSE_FACTOR: Final = 2.0
LONGEST_PAUSE: Final = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes:
        method: The HTTP method.
        path: The path, quoted.
        parameters: The parameters of the query.
        body: A JSON value, None for no body.
        headers: The headers besides those of every request.
    """

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Decode the body. Raises ServiceFault if it is not JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            raise ServiceFault(
                f"the answer has status {self.status} and is not JSON; is this the service?",
                status=self.status,
            ) from None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was no complete answer.

    Attributes:
        reason: What happened, in one line.
        slow: Whether the connection was there, but the time was over before the answer was.
    """

    reason: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request and wait at most this many seconds for its answer."""

    request: Request
    seconds: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait this many seconds."""

    seconds: float


#: What a call does, step by step, and what it returns in the end.
Steps = Generator[Send | Pause, Answer | NoAnswer | None, T]


class Deadline:
    """A point in time by which a call must have ended."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin now.

        Args:
            seconds: Seconds from now.
            clock: Returns the time in seconds.
        """
        self.seconds = seconds
        self.clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """The seconds that are left, 0 if the time is over."""
        return max(0.0, self._end - self.clock())

    def at_most(self, seconds: float) -> "Deadline":
        """Return this deadline, or one in so many seconds if that is earlier."""
        return Deadline(min(seconds, self.remaining), self.clock)


class Retries:
    """Decides after each fault how long to wait before the next try.

    The service may refuse with 429 for as long as the deadline allows, because it works. If it is away, the
    patience is shorter.
    """

    def __init__(
        self, deadline: Deadline, patience: float, jitter: Callable[[], float] = random.random
    ) -> None:
        """Begin with the shortest pause.

        Args:
            deadline: The end of the call.
            patience: Seconds for which the service may be away.
            jitter: Returns a number between 0 and 1, so that clients do not retry all at once.
        """
        self._deadline, self._patience, self._jitter = deadline, patience, jitter
        self.reset()

    def reset(self) -> None:
        """Begin again after a success."""
        self._pause = FIRST_PAUSE
        self._away: Deadline | None = None

    def pause_after(self, answer: Answer | NoAnswer) -> float:
        """Return the seconds to wait before the next try.

        Raises:
            ServiceFault: The next try would be too late.
        """
        fault = describe(answer)
        seconds = max(self._pause * (0.5 + self._jitter() / 2), fault.retry_after or 0.0)
        self._pause = min(self._pause * PAUSE_FACTOR, LONGEST_PAUSE)
        works = answer.slow if isinstance(answer, NoAnswer) else answer.status == 429
        remaining = self._deadline.remaining
        if works:
            self._away = None
        else:
            self._away = self._away or self._deadline.at_most(self._patience)
            remaining = self._away.remaining
        if seconds >= remaining:
            raise fault
        return seconds


def exchange(request: Request, deadline: Deadline, patience: float, slowest: float) -> Steps[Answer]:
    """Send a request until the service has handled it.

    Args:
        request: The request. It must be one that may be repeated.
        deadline: The end of the call.
        patience: Seconds for which the service may be away.
        slowest: Seconds that one answer may take.

    Returns:
        An answer with a status that a retry would not change.

    Raises:
        ServiceFault: There was no such answer in time.
    """
    retries = Retries(deadline, patience)
    while True:
        answer = yield Send(request, min(slowest, deadline.remaining))
        assert answer is not None
        if isinstance(answer, Answer) and answer.status not in RETRIED:
            return answer
        yield Pause(retries.pause_after(answer))


def describe(answer: Answer | NoAnswer) -> ServiceFault:
    """Return the error for a request that was not handled."""
    if isinstance(answer, NoAnswer):
        return ServiceFault(answer.reason)
    kind, message = None, f"the service answered with status {answer.status}"
    try:
        error = json.loads(answer.content)["error"]
        kind, message = str(error["type"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        pass  # the answer of a proxy
    return ServiceFault(message, status=answer.status, type=kind, retry_after=_retry_after(answer))


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds of the header Retry-After, which has a number or a date."""
    value = answer.headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
