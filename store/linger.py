"""Linger: wait for the next message where Celery does, and claim by it at once.

Celery's main process takes a message, reads it and hands it to a process of its pool, which claims a job.
A pool process that has just run one waits at the same list by itself, and sends its claim behind the wait:
Redis reads it the moment there is a message, and answers both.
"""

from dataclasses import dataclass
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError

from store import keys
from store.claim import Claim, Claimed

#: Seconds for which the word that calls a wait off is kept, should nobody wait any more.
_CALLED_OFF: Final = 60


@dataclass(frozen=True, slots=True)
class Waited:
    """How a wait ended. message: whether there was one, or a job. claimed: the job whose turn it was."""

    message: bool
    claimed: Claimed | None


class Linger:
    """The wait of one pool process."""

    def __init__(self, redis: "Redis", claim: Claim, *, worker: str) -> None:
        """Bind to a client (decoding answers to text) that may block for as long as is waited.

        claim: bound to whichever client. worker: the id of the worker that the process belongs to.
        """
        self._redis, self._claim = redis, claim
        self._off = keys.off(worker)

    def __call__(self, seconds: float) -> Waited:
        """Wait for a message, at most so long; claim a job when one comes, and also when none does.

        Raises redis.RedisError. A message that is lost with the connection is sent again by the reconciler,
        a claim lapses.
        """
        with self._redis.pipeline(transaction=False) as pipeline:
            # The first of these is looked at first.
            pipeline.brpop([self._off, keys.HINTS], timeout=seconds)
            self._claim.queue(pipeline)
            popped, answer = pipeline.execute(raise_on_error=False)
        # A Redis that has forgotten its scripts is told them again by a claim of its own.
        forgotten = isinstance(answer, NoScriptError)
        claimed = self._claim() if forgotten else self._claim.read(_good(answer))
        if claimed:
            # Whatever became of the wait, it is this process that has to run it.
            return Waited(message=True, claimed=claimed)
        taken = _good(popped)
        return Waited(message=taken is not None and taken[0] == keys.HINTS, claimed=None)


def call_off(redis: "Redis", worker: str, processes: int) -> None:
    """End the waits of a worker that has so many processes; raises redis.RedisError."""
    with redis.pipeline() as pipeline:
        pipeline.lpush(keys.off(worker), *["off"] * processes)
        pipeline.expire(keys.off(worker), _CALLED_OFF)
        pipeline.execute()


def _good(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer
