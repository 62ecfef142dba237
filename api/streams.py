"""Answers that are streams of events: the live output of one job.

Each holds a greenlet and a place of `api.waits`, and nothing of its request.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, Final

from flask import Response, request
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from api import client
from api.event_stream import stream_events
from api.events import COMMENT, ID_PATTERN, MIMETYPE, Known
from api.job_service import known as known_job
from api.metrics import Metrics
from api.no_content import no_content
from api.pace import Pace
from api.waits import Waits
from store.job_store import JobStore

_JSON: Final = "application/json"

#: `X-Accel-Buffering` tells nginx to send each event at once.
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def _check_id(text: str) -> str:
    # Before the first event a client may send an empty id.
    if text:
        try:
            Known.from_id(text)
        except ValueError as error:
            raise PydanticCustomError("event_id", "must be the id of an event") from error
    return text


#: The header of a client that connects again.
LastEventId = Annotated[
    str,
    AfterValidator(_check_id),
    Field(
        alias="Last-Event-ID",
        default_factory=str,
        description="The id of the last event that the client has got: the stream goes on after it.",
        json_schema_extra={"pattern": f"^$|{ID_PATTERN}"},
    ),
]


def asks_for_events() -> bool:
    """Return whether the client of the current request prefers a stream of events to JSON."""
    return request.accept_mimetypes.best_match([_JSON, MIMETYPE], _JSON) == MIMETYPE


class Streams:
    """The streams of this process."""

    def __init__(self, store: JobStore, waits: Waits, metrics: Metrics) -> None:
        """Start without streams."""
        self._store, self._waits, self._metrics = store, waits, metrics
        self._pace = Pace()

    @contextmanager
    def place(self, owner: str) -> Iterator[None]:
        """Count a stream while the context lasts.

        Raises:
            TooManyWaits: Too many streams are open.
        """
        with self._waits.stream(owner):
            self._metrics.streams.inc()
            try:
                yield
            finally:
                self._metrics.streams.dec()

    def follow(self, job_id: str, owner: str, last_event_id: str, held: ExitStack) -> Response:
        """Return the stream of a job.

        Args:
            job_id: The job.
            owner: The owner of the job.
            last_event_id: The id of the last event that the client has got, '' for none.
            held: Contexts that last as long as the stream.

        Raises:
            UnknownJob: The owner has no such job.
            Busy: The owner's streams read so much that the turn of this one has not come in time.
        """
        known = Known.from_id(last_event_id) if last_event_id else Known()
        follower = held.enter_context(self._store.follow(job_id, owner=owner))
        environ, connection = request.environ, client.connection()
        if connection:
            held.enter_context(connection.streaming(_comment(environ), follower.interrupt))
        with self._pace.turn(owner):
            progress = known_job(follower.read(known.position))

        def forget_request() -> None:
            # gunicorn keeps it until the answer has ended.
            environ.clear()
            if connection:
                connection.release()

        events = stream_events(
            job_id,
            follower,
            known,
            progress,
            forget_request=forget_request,
            turn=lambda: self._pace.turn(owner),
            ended=lambda: connection is not None and connection.stream_must_end(),
        )
        response = Response(events, headers=_HEADERS, content_type=MIMETYPE)
        response.call_on_close(held.pop_all().close)
        return response


def _comment(environ: Mapping[str, Any]) -> bytes:
    """Return a comment in the bytes that the client of a request gets: HTTP/1.1 sends it as a chunk."""
    chunked = environ["SERVER_PROTOCOL"] != "HTTP/1.0"
    return b"%x\r\n%b\r\n" % (len(COMMENT), COMMENT) if chunked else COMMENT


def has_ended(last_event_id: str) -> bool:
    """Return whether the last event that a client has got is the last of the job."""
    status = Known.from_id(last_event_id).status if last_event_id else None
    return status is not None and status.final


def no_more_events() -> Response:
    """Return the answer to a client that has got the last event. An EventSource then stops."""
    return no_content(_HEADERS)
