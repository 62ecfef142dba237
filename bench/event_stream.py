"""The events of a job, as a client reads them while the API sends them."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

#: Seconds without data after which the connection fails. The API sends a comment every 15 seconds.
_TIMEOUT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """A server-sent event.

    Attributes:
        type: Its name, for example `stdout`.
        id: The value of `Last-Event-ID` that resumes after it.
        data: Its data, decoded from JSON.
    """

    type: str
    id: str
    data: dict[str, Any]


class EventStream:
    """One answer of server-sent events.

    Attributes:
        status: The HTTP status.
    """

    def __init__(
        self, port: int, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a request, a POST if it has a body, and wait for the head of the answer.

        Raises:
            OSError: There was no connection, or it broke.
        """
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        fields = {"Accept": "text/event-stream", "Content-Type": "application/json", **(headers or {})}
        self._connection.request("GET" if body is None else "POST", path, body, fields)
        self._answer = self._connection.getresponse()
        self.status = self._answer.status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        """Yield each event until the API ends the answer. Raises OSError and HTTPException if it breaks."""
        fields: dict[str, str] = {}
        while line := self._answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
            if name == "data":
                self._answer.readline()
                yield Event(fields["event"], fields["id"], json.loads(value))

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        self._connection.close()
