"""Hint: say that there is something to do, where a message was taken by one who cannot do it."""

from redis import Redis

from store.script import Change


class Hint:
    """The script that changes nothing, bound to one Redis client."""

    def __init__(self, redis: "Redis", *, hint: str) -> None:
        """Bind to `redis` (decoding answers to text). hint: see records.script.Change."""
        self._change = Change(redis, "return 0", hint=hint)

    def __call__(self) -> None:
        """Leave a message, if a job may run and there is none; raises redis.RedisError."""
        self._change(args=[])
