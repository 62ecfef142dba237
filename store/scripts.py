"""The Lua scripts in Redis: runs a script by the digest of its text."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from redis.client import NEVER_DECODE, Pipeline
from redis.exceptions import NoScriptError

from store.connections import Connections
from store.lua_source import source


class Script:
    """A Lua script in one Redis."""

    def __init__(
        self,
        connections: Connections,
        name: str,
        *,
        notification: str = "",
        when_full: bool = True,
        decode: bool = True,
    ) -> None:
        """Prepare the script; nothing is sent yet.

        Args:
            connections: The connections to Redis.
            name: The name of the script's file in store/lua/.
            notification: The message that the script pushes for a worker if a job can run; '' for none.
            when_full: Whether the script may write while Redis has reached `maxmemory`. Most scripts write
                little or replace a larger value, and every job must be able to end.
            decode: Whether the answer has texts. Otherwise it has bytes: to decode megabytes takes long.
        """
        self._connections = connections
        self._text = source(name, when_full=when_full)
        # Redis names a script by this digest of its text.
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()
        # Most scripts notify no worker, and the message has 900 bytes.
        self._notification = notification if "local notification" in self._text else ""
        self._decode = decode

    def __call__(self, payloads: Sequence[str | bytes] = (), **arguments: Any) -> Any:
        """Run the script and return its answer.

        Raises:
            redis.RedisError: Redis does not answer, or the script failed.
        """
        command = self.command(payloads, **arguments)
        try:
            return self._connections.run(*command, decode=self._decode)
        except NoScriptError:
            # Redis was restarted.
            self._connections.run("SCRIPT", "LOAD", self._text)
            return self._connections.run(*command, decode=self._decode)

    def command(self, payloads: Sequence[str | bytes] = (), **arguments: Any) -> list[str | bytes | int]:
        """Return the command that runs the script. Redis answers NoScriptError if it has no such script."""
        return ["EVALSHA", self._sha, 0, json.dumps(arguments), self._notification, *payloads]

    def queue(self, pipeline: Pipeline, payloads: Sequence[str | bytes] = (), **arguments: Any) -> None:
        """Add the script to a pipeline. Its answer is a NoScriptError if Redis does not have the script."""
        options = {} if self._decode else {NEVER_DECODE: True}
        execute: Any = pipeline.execute_command
        execute(*self.command(payloads, **arguments), **options)


class Scripts:
    """Makes the scripts of one Redis."""

    def __init__(self, connections: Connections, notification: str) -> None:
        """Make scripts with these connections and this notification; see `Script`."""
        self._connections, self._notification = connections, notification

    def make(self, name: str, *, when_full: bool = True, decode: bool = True) -> Script:
        """Make a script; see `Script`."""
        return Script(
            self._connections,
            name,
            notification=self._notification,
            when_full=when_full,
            decode=decode,
        )


def checked(answer: Any) -> Any:
    """Return an answer of a pipeline, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer
