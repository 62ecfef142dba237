"""One request and its answer, with retries, as steps that do no input or output.

A generator yields a `Send` or a `Pause` and is sent the answer. So `Client` and `AsyncClient` share every
rule, and tests need no network.
"""

import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any, Final, TypeVar

from python_executor import strict_json
from python_executor.errors import ServiceFault

T = TypeVar("T")

#: The statuses after which the same request may succeed later.
RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})

#: Seconds before the first retry, the factor from one to the next, and the most.
FIRST_PAUSE: Final = 0.1
PAUSE_FACTOR: Final = 2.0
LONGEST_PAUSE: Final = 5.0

#: How often a request is sent that the service answers with 500, which is seldom a matter of time.
MOST_ERRORS: Final = 5

#: The most seconds that are read from Retry-After.
_LONGEST_RETRY_AFTER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Request:
    """A request.

    Attributes:
        method: The HTTP method.
        path: The path, quoted.
        parameters: The parameters of the query.
        body: JSON, None for no body. It is encoded once, so that every retry sends the same bytes.
        headers: The headers besides those of every request.
        open_end: Whether the service may take longer for its answer than the client waits.
    """

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """Decode the body. Raises ServiceFault if it is not JSON."""
        try:
            return strict_json.decode(self.content)
        except ValueError:
            raise ServiceFault(f"{self._said()}; is this the service?", status=self.status) from None

    def _said(self) -> str:
        if 300 <= self.status < 400 and "location" in self.headers:
            # It is not followed: the request has the API key.
            return f"the answer with status {self.status} redirects to {self.headers['location'][:200]!r}"
        return f"the answer has status {self.status} and is not JSON"


class Failure(Enum):
    """Why there was no answer."""

    #: There was no connection.
    UNREACHABLE = auto()
    #: The connection ended before the answer did. The server may have closed it while it was idle.
    BROKEN = auto()
    #: The connection was there, but the time was over before the answer was.
    SLOW = auto()
    #: A retry would fail in the same way.
    PERMANENT = auto()


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was no complete answer.

    Attributes:
        reason: What happened, in one line.
        failure: Why.
    """

    reason: str
    failure: Failure = Failure.UNREACHABLE


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

    A service that answers 429 works, so it may do so until the deadline. The same holds if an answer is late
    that may take long. If the service is away, the patience is shorter.

    Attributes:
        deadline: The end of the call.
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
        self.deadline: Deadline = deadline
        self._patience, self._jitter = patience, jitter
        self.reset()

    def reset(self) -> None:
        """Begin again after a success."""
        self._pause = FIRST_PAUSE
        self._first = True
        self._errors = 0
        self._away: Deadline | None = None

    def connected(self) -> None:
        """Note that the service is there. The next pause is not shorter for it."""
        self._away = None

    def pause_after(self, answer: Answer | NoAnswer, *, open_end: bool = False) -> float:
        """Return the seconds to wait before the next try.

        Args:
            answer: What happened to the request.
            open_end: Whether the answer may take long.

        Raises:
            ServiceFault: The next try would be too late, or could not help.
        """
        fault = describe(answer)
        failure, status = _failure(answer), fault.status
        self._errors += status == 500
        if failure is Failure.PERMANENT or self._errors >= MOST_ERRORS:
            raise fault
        first, self._first = self._first, False
        if first and failure is Failure.BROKEN and self.deadline.remaining:
            return 0.0  # the server may have closed an idle connection, which is no fault
        seconds = max(self._next_pause(), fault.retry_after or 0.0)
        remaining = self.deadline.remaining
        # 504 is how a proxy says that the service is slow.
        if status in (429, 504) or (open_end and failure is Failure.SLOW):
            self._away = None
        else:
            self._away = self._away or self.deadline.at_most(self._patience)
            remaining = self._away.remaining
        if seconds >= remaining:
            raise fault
        return seconds

    def _next_pause(self) -> float:
        pause = self._pause * (0.5 + self._jitter() / 2)
        self._pause = min(self._pause * PAUSE_FACTOR, LONGEST_PAUSE)
        return pause


def _failure(answer: Answer | NoAnswer) -> Failure | None:
    return answer.failure if isinstance(answer, NoAnswer) else None


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
        yield Pause(retries.pause_after(answer, open_end=request.open_end))


def describe(answer: Answer | NoAnswer) -> ServiceFault:
    """Return the error for a request that was not handled."""
    if isinstance(answer, NoAnswer):
        return ServiceFault(answer.reason)
    kind, message = None, f"the service answered with status {answer.status}"
    try:
        error = strict_json.decode(answer.content)["error"]
        kind, message = str(error["type"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        pass  # the answer of a proxy
    return ServiceFault(message, status=answer.status, type=kind, retry_after=_retry_after(answer))


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds of the header Retry-After, which has a number or a date."""
    value = answer.headers.get("retry-after", "")[:100]
    try:
        if value.isascii() and value.isdigit():
            seconds = float(value)
        else:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER)
