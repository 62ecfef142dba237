"""The Lua scripts: reads store/lua/ and runs each script."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from redis.client import NEVER_DECODE, Pipeline
from redis.exceptions import NoScriptError

from config.names import ID_PLACEHOLDER
from jobs.system_outcomes import EXPIRED, LOST
from store import keys
from store.connections import Connections
from store.queue_class import QUEUE_CLASSES
from store.record import FIELDS
from store.serialisation import encode_outcome
from store.statistics import BUCKETS_MS

_FOLDER: Final = Path(__file__).parent / "lua"

#: The largest outcome that a wake-up contains, in bytes. The waiting request may have ended, so a wake-up
#: must be small.
WAKE_UP_BYTES: Final = 16 * 1024

#: What a job takes in Redis in addition to its job, limits and outcome, in bytes. Measured: 1,148 for a small
#: job in all. With an idempotency key it takes more: the record names the key, and the key names the job.
RECORD_BYTES: Final = 1024
IDEMPOTENCY_BYTES: Final = 512

#: The files that form each script, in order, after shared.lua.
SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "submit": ("admission", "submit"),
    "check_admission": ("admission", "check_admission"),
    "claim": ("claiming", "claim"),
    "finish": ("claiming", "finish"),
    "renew": ("renew",),
    "release": ("release",),
    "cancel": ("cancel",),
    "get": ("get",),
    "list": ("list",),
    "reconcile": ("reconcile",),
    "notify": ("notify",),
    "statistics": ("statistics",),
    "register_worker": ("register_worker",),
    "workers": ("workers",),
}

#: The values from Python that each script gets as Lua constants.
_CONSTANTS: Final[Mapping[str, Any]] = {
    "NOTIFICATIONS": keys.NOTIFICATIONS,
    "QUEUED": keys.QUEUED,
    "RUNNING": keys.RUNNING,
    "FINAL": keys.FINAL,
    "ROTATION": keys.ROTATION,
    "CAPPED": keys.CAPPED,
    "COUNTERS": keys.COUNTERS,
    "SEQUENCE": keys.SEQUENCE,
    "RECONCILER": keys.RECONCILER,
    "WORKERS": keys.WORKERS,
    "JOB": keys.JOB,
    "WAITERS": keys.WAITERS,
    "OWNER": keys.OWNER,
    "WAITERS_TTL": keys.WAITERS_TTL,
    "CLASSES": tuple(one.name for one in QUEUE_CLASSES),
    # The numbers of the turns of one class: more than there will ever be submissions.
    "CLASS_TURNS": 10**12,
    # How often other jobs of its owner may go before the oldest one.
    "PASSED_MOST": 3,
    "FIELDS": FIELDS,
    "BUCKETS_MS": BUCKETS_MS,
    "ID_PLACEHOLDER": ID_PLACEHOLDER,
    "EXPIRED": encode_outcome(EXPIRED),
    "LOST": encode_outcome(LOST),
    "WAKE_UP_BYTES": WAKE_UP_BYTES,
    "RECORD_BYTES": RECORD_BYTES,
    "IDEMPOTENCY_BYTES": IDEMPOTENCY_BYTES,
    # The most expired jobs that one claim ends, and the most jobs of each kind that one reconcile repairs.
    "MOST_EXPIRED": 1000,
    "MOST_RECONCILED": 1000,
}


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
            name: A name in SCRIPTS.
            notification: The message that the script pushes for a worker if a job can run; '' for none.
            when_full: Whether the script may write while Redis has reached `maxmemory`. Most scripts write
                little or replace a larger value, and every job must be able to end.
            decode: Whether the answer has texts. Otherwise it has bytes: to decode megabytes takes long.
        """
        self._connections = connections
        self._text = source(name, when_full=when_full)
        # Redis names a script by this digest of its text.
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()
        self._notification = notification
        self._decode = decode

    def __call__(self, payloads: Sequence[str] = (), **arguments: Any) -> Any:
        """Run the script and return its answer.

        Raises:
            redis.RedisError: Redis does not answer, or the script failed.
        """
        command: list[str | int] = ["EVALSHA", self._sha, 0, *self._argv(payloads, arguments)]
        try:
            return self._connections.run(*command, decode=self._decode)
        except NoScriptError:
            # Redis was restarted.
            self._connections.run("SCRIPT", "LOAD", self._text)
            return self._connections.run(*command, decode=self._decode)

    def queue(self, pipeline: Pipeline, payloads: Sequence[str] = (), **arguments: Any) -> None:
        """Add the script to a pipeline. Its answer is a NoScriptError if Redis does not have the script."""
        options = {} if self._decode else {NEVER_DECODE: True}
        execute: Any = pipeline.execute_command
        execute("EVALSHA", self._sha, 0, *self._argv(payloads, arguments), **options)

    def _argv(self, payloads: Sequence[str], arguments: Mapping[str, Any]) -> list[str]:
        return [json.dumps(arguments), self._notification, *payloads]


def source(name: str, *, when_full: bool = True) -> str:
    """Return the whole text of a script as it is sent to Redis."""
    flags = " flags=allow-oom" if when_full else ""
    files = "\n".join(_read(file) for file in ("shared", *SCRIPTS[name]))
    return f"#!lua{flags}\n{_constants()}\n{files}"


def _read(file: str) -> str:
    return (_FOLDER / f"{file}.lua").read_text("utf-8")


def _constants() -> str:
    return "\n".join(f"local {name} = {_literal(value)}" for name, value in _CONSTANTS.items())


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(_literal(item) for item in value) + "}"
    if isinstance(value, str):
        # A long bracket can contain any text without `]==]`, and no text here contains that.
        return f"[==[{value}]==]"
    return str(value)
