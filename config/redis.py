"""The connections to Redis, made alike on both sides."""

from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

#: Seconds to wait for a connection, and for an answer to a command that does not block.
CONNECT_TIMEOUT: Final = 3.0
ANSWER_TIMEOUT: Final = 3.0


def connect(url: str, *, block: float = 0.0) -> Redis:
    """Return a client of the Redis at `url` that decodes answers to text; nothing is sent yet.

    block: the longest a command is going to block, in seconds. The client raises redis.RedisError
    at once instead of trying again: by default redis-py would retry ten times, and take its own
    timeout for an outage when a command blocks for longer than that. It would also refuse the
    hundredth connection; here a process has as many as threads that need one.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT,
        socket_timeout=block + ANSWER_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        max_connections=2**31,
    )
