"""The errors of the store.

    StoreError
      IdempotencyConflict      the idempotency key was used before, for another submission
      RateLimited              an owner submits too fast
      QueueFull                too many jobs are queued, of one owner or of all
      StorageFull              the jobs of an owner take too many bytes
      AlreadyFinal             the job has ended, so it cannot be cancelled
      InvalidCursor            the cursor is not from a listing
      Busy                     too many reads of large outcomes wait

If Redis does not answer, the store raises redis.RedisError. If Redis has reached `maxmemory`, it raises a
subclass, redis.exceptions.OutOfMemoryError.
"""

from typing import Literal

from store.record import Record


class StoreError(Exception):
    """The store refuses a call and changes nothing."""


class IdempotencyConflict(StoreError):
    """The idempotency key was used before, for another submission."""


class RateLimited(StoreError):
    """An owner submits too fast.

    Attributes:
        retry_after: Seconds until the store accepts the next submission.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"too many submissions; the next is accepted in {retry_after:.1f} s")
        self.retry_after = retry_after


class QueueFull(StoreError):
    """Too many jobs are queued.

    Attributes:
        retry_after: Seconds after which the client should try again.
        whose: "key" if one owner has too many queued jobs, "service" if all owners together have.
    """

    def __init__(self, retry_after: float, whose: Literal["key", "service"]) -> None:
        setting = "KEY_QUEUED_MAX" if whose == "key" else "QUEUE_MAX"
        super().__init__(f"the queue of this {whose} has no room for the submission ({setting})")
        self.retry_after = retry_after
        self.whose = whose


class StorageFull(StoreError):
    """The jobs of an owner, with their outcomes, take too many bytes.

    Attributes:
        retry_after: Seconds until the oldest of its jobs expires, or after which to try again if that job has
            not ended.
    """

    def __init__(self, retry_after: float, *, ended: bool) -> None:
        when = f"expires in about {retry_after:.0f} s" if ended else "has not ended yet"
        super().__init__(
            "with this submission, the jobs of this key and the outcomes that are kept would take more bytes "
            f"than one key may have (KEY_BYTES_MAX); the oldest of these jobs {when}"
        )
        self.retry_after = retry_after


class AlreadyFinal(StoreError):
    """The job has ended. `record` is its record."""

    def __init__(self, record: Record) -> None:
        super().__init__(f"the job has already {record.status}")
        self.record = record


class InvalidCursor(StoreError):
    """The cursor is not from a listing."""


class Busy(StoreError):
    """Too many reads of large outcomes wait.

    Attributes:
        retry_after: Seconds after which the client should try again.
    """

    def __init__(self, retry_after: float) -> None:
        super().__init__("too many requests for outcomes of megabytes wait")
        self.retry_after = retry_after
