"""What the records refuse.

    RecordError
      IdempotencyConflict      the idempotency key was used before, for something else
      RateLimited              one owner submits too fast
      QueueFull                too many jobs wait, of one owner or of all
      AlreadyFinal             the job has ended, so there is nothing to cancel
      BadCursor                this is no cursor a listing has given out

A Redis that does not answer is redis.RedisError.
"""

from typing import Literal

from store.record import Record


class RecordError(Exception):
    """The records refuse; nothing was changed."""


class IdempotencyConflict(RecordError):
    """The idempotency key was used before, for another submission."""


class RateLimited(RecordError):
    """The owner submits too fast. retry_after: seconds until the next submission is accepted."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many submissions; the next is accepted in {retry_after:.1f} s")
        self.retry_after = retry_after


class QueueFull(RecordError):
    """Too many jobs wait. whose: those of one key, or all of the service. retry_after: in seconds."""

    def __init__(self, retry_after: float, whose: Literal["key", "service"]) -> None:
        super().__init__(f"the queue of this {whose} is full")
        self.retry_after = retry_after
        self.whose = whose


class AlreadyFinal(RecordError):
    """The job has ended; `record` says how."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"the job has already {record.status}")
        self.record = record


class BadCursor(RecordError):
    """This is no cursor that a listing has given out."""
