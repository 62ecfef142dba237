"""The events of one job, made from its progress."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final, Protocol

from redis import RedisError

from api.events import COMMENT, RETRY, Event, EventName, Known, encode, pieces
from api.json_provider import json_bytes
from api.public_json import job_object
from jobs.status import Status
from jobs.stream import Stream
from store.errors import Busy
from store.progress import Chunk, Position, Progress
from store.record import Record

#: The most bytes of an event's text.
TEXT_BYTES: Final = 64 * 1024

#: Seconds of silence after which a comment is sent.
HEARTBEAT: Final = 15.0

#: Seconds until the next read if Redis does not answer, or too many large outcomes are read.
_RETRY: Final = 1.0


class Follower(Protocol):
    """What `store.followers.Follower` offers."""

    def read(self, position: Position) -> Progress | None:
        """Return the state of the job and its output after a position, None if there is no such job."""

    def wait(self, seconds: float) -> None:
        """Wait until something may have changed, or until the time is over."""


def stream_events(
    job_id: str,
    follower: Follower,
    known: Known,
    progress: Progress,
    *,
    forget_request: Callable[[], None],
    turn: Callable[[], AbstractContextManager[None]],
    ended: Callable[[], bool],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """Yield the bytes of the answer, one piece for each read, until the job is final.

    Nothing of a piece stays in memory after it has been sent.

    Args:
        job_id: The job.
        follower: Follows it.
        known: What the client knows.
        progress: The first answer of the follower.
        forget_request: Drops what the stream does not need of its request.
        turn: Waits for the turn of the next read, and holds it. Raises Busy.
        ended: Returns whether the client has left or the process stops.
        clock: Returns the time in seconds.
    """
    forget_request()
    data, known, wait = _encode(job_id, known, progress)
    data, sent_at = RETRY + data, clock()
    del progress
    while True:
        if not data and clock() - sent_at >= HEARTBEAT:
            data = COMMENT
        if data:
            sent_at = clock()
            yield data
        data = b""
        if known.status and known.status.final:
            return
        follower.wait(min(wait, sent_at + HEARTBEAT - clock()))
        if ended():
            return
        try:
            with turn():
                # The turn may have come late.
                if ended():
                    return
                found = follower.read(known.position)
                if found is None:
                    # The job has expired.
                    return
                data, known, wait = _encode(job_id, known, found)
                del found
        except (RedisError, Busy):
            wait = _RETRY


def _encode(job_id: str, known: Known, progress: Progress) -> tuple[bytes, Known, float]:
    """Return the events of a progress, what the client knows after them, and how long to wait for more."""
    data = b""
    for event in next_events(job_id, known, progress):
        known = event.known
        data += encode(event.name, known.to_id(), json_bytes(event.data))
    return data, known, 0.0 if progress.more else HEARTBEAT


def next_events(job_id: str, known: Known, progress: Progress) -> Iterator[Event]:
    """Yield the events that tell a client the progress of a job."""
    at, status = known.position, progress.status
    if at.run != progress.run:
        has_void_output = at.stdout or at.stderr
        at = Position(progress.run)
        if has_void_output:
            known = Known(at, known.status)
            yield Event(EventName.RESTARTED, {"id": job_id}, known)
    if not status.final and status != known.status:
        known = Known(at, status)
        yield Event(EventName.STATUS, {"id": job_id, "status": status}, known)
    for chunk in _final_chunks(progress.record, at) if progress.record else progress.chunks:
        offset = chunk.offset
        for text in pieces(chunk.text, TEXT_BYTES):
            data = {"text": text, "offset": offset}
            offset += len(text.encode())
            at = replace(at, **{chunk.stream: offset})
            # A client that joins at the end has not seen a status.
            known = Known(at, known.status or Status.RUNNING)
            yield Event(EventName(chunk.stream), data, known)
    if progress.record:
        yield Event(EventName.DONE, job_object(progress.record), Known(at, status))


def _final_chunks(record: Record, at: Position) -> Iterator[Chunk]:
    """Yield the output in the record of a final job after a position."""
    if record.outcome is None:
        return
    for stream, start in ((Stream.STDOUT, at.stdout), (Stream.STDERR, at.stderr)):
        output = json.loads(getattr(record.outcome, stream)).encode()
        # No event ends inside a character, but a client may send any position.
        text = output[start:].decode(errors="ignore")
        if text:
            yield Chunk(stream, len(output) - len(text.encode()), text)
