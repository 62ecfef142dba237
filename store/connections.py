"""Connections to Redis for single commands.

Each job takes a few commands, and each waits for its answer. redis-py's client measures, locks, checks and
retries for each command, which takes more CPU time than the command itself (measured: 59 µs with the client,
26 µs without). Here a command is sent on redis-py's own connection, and nothing is retried.
"""

import os
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from redis import Redis, RedisError
from redis.exceptions import ResponseError

#: The most unused connections that are kept.
_SPARE_MAX: Final = 16


class Connections:
    """The connections of this process to one Redis, made when they are needed."""

    def __init__(self, redis: "Redis") -> None:
        """Connect to the Redis of `redis`, with its settings. Nothing is sent yet."""
        self._pool = redis.connection_pool
        # Each with the process that made it. Adding and taking one is atomic.
        self._spare: deque[tuple[Any, int]] = deque()

    def run(self, *command: str | bytes | int, decode: bool = True) -> Any:
        """Send one command and return its answer.

        Args:
            *command: The command and its arguments.
            decode: Whether the answer has texts. Otherwise it has bytes.

        Raises:
            redis.RedisError: Redis does not answer, or refuses the command. Nothing is tried again.
        """
        (answer,) = self.run_together(command, decode=decode)
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def run_together(self, *commands: Sequence[str | bytes | int], decode: bool = True) -> list[Any]:
        """Send some commands at once, so that Redis runs each as soon as it has answered the one before.

        Args:
            *commands: The commands with their arguments.
            decode: Whether the answers have texts. Otherwise they have bytes.

        Returns:
            The answers. That of a command that Redis refuses is a ResponseError.

        Raises:
            redis.RedisError: Redis does not answer. Nothing is tried again.
        """
        connection = self._take()
        answers: list[Any] = []
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            for _ in commands:
                try:
                    answers.append(connection.read_response(disable_decoding=not decode))
                except ResponseError as error:
                    answers.append(error)
        except BaseException:
            # An answer may still arrive, so no later command may use this connection.
            connection.disconnect()
            raise
        self._put_back(connection)
        return answers

    def close(self) -> None:
        """Close the unused connections."""
        while spare := self._pop():
            spare[0].disconnect()

    def _take(self) -> Any:
        while spare := self._pop():
            connection, process = spare
            if process == os.getpid() and _is_open(connection):
                return connection
            # The connection of a parent process stays open there: redis-py closes only this process's copy.
            connection.disconnect()
        return self._pool.make_connection()

    def _pop(self) -> tuple[Any, int] | None:
        # Another thread may take the last one between a check and a pop.
        try:
            return self._spare.pop()
        except IndexError:
            return None

    def _put_back(self, connection: Any) -> None:
        if len(self._spare) < _SPARE_MAX:
            self._spare.append((connection, os.getpid()))
        else:
            connection.disconnect()


def _is_open(connection: Any) -> bool:
    """Return whether an unused connection is open. If it can be read, Redis has closed it."""
    try:
        return not connection.can_read(0)
    except RedisError:
        return False
