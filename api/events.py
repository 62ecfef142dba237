"""Server-sent events: what a client gets to know of a job while it follows the job.

The id of an event is `<run>-<bytes of stdout>-<bytes of stderr>-<status>`: what the client knows after the
event. It names a position in the job, not an entry in Redis. So a client can go on from it after a restart of
the API and after the end of the job.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from jobs.status import Status
from store.progress import Position

MIMETYPE: Final = "text/event-stream"

#: A comment. Clients ignore it. It keeps proxies from closing a silent connection. No empty line follows it:
#: some clients would report an event without data.
COMMENT: Final = b":\n"

#: Tells a browser to connect again after a second. It belongs to the event that follows, for the same reason.
RETRY: Final = b"retry: 1000\n"

#: The form of an id.
ID_PATTERN: Final = rf"^([0-9]{{1,9}})-([0-9]{{1,9}})-([0-9]{{1,9}})-({'|'.join(Status)})$"

#: Line separators that JSON does not escape. Some clients would end a line there.
_SEPARATORS: Final = {
    "\u0085".encode(): rb"\u0085",
    "\u2028".encode(): rb"\u2028",
    "\u2029".encode(): rb"\u2029",
}


_BEGINNING: Final = Position()


class EventName(StrEnum):
    """The kind of an event."""

    STATUS = "status"
    STDOUT = "stdout"
    STDERR = "stderr"
    RESTARTED = "restarted"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Known:
    """What a client knows of a job.

    Attributes:
        position: The output that it has.
        status: The state of the job; None before the first event.
    """

    position: Position = _BEGINNING
    status: Status | None = None

    @classmethod
    def from_id(cls, text: str) -> Self:
        """Return what a client knows after the event with an id.

        Raises:
            ValueError: No event has such an id.
        """
        found = re.fullmatch(ID_PATTERN, text)
        if not found:
            raise ValueError("not the id of an event")
        run, stdout, stderr, status = found.groups()
        return cls(Position(int(run), int(stdout), int(stderr)), Status(status))

    def to_id(self) -> str:
        """Return the id of the event after which a client knows this."""
        at = self.position
        return f"{at.run}-{at.stdout}-{at.stderr}-{self.status}"


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Attributes:
        name: Its kind.
        data: A JSON object.
        known: What the client knows after it.
    """

    name: EventName
    data: dict[str, Any]
    known: Known


def encode(name: EventName, event_id: str, data: bytes) -> bytes:
    """Return an event as it is sent.

    A line break in `data` would end the field, and a script could forge an event with the rest. So each line
    becomes a field of its own.
    """
    for separator, escaped in _SEPARATORS.items():
        data = data.replace(separator, escaped)
    lines = b"\ndata: ".join(data.splitlines())
    return f"event: {name}\nid: {event_id}\ndata: ".encode() + lines + b"\n\n"


def pieces(text: str, size: int) -> Iterator[str]:
    """Yield a text in pieces of at most `size` bytes in UTF-8, each of whole characters."""
    data, start = text.encode(), 0
    while start < len(data):
        end = min(start + size, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        yield data[start:end].decode()
        start = end
