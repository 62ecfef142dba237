"""The texts of the Lua scripts: reads store/lua/ and joins a script with the definitions that it uses.

Redis executes the whole text of a script at each call, and each function and each local that a function uses
takes time. So a script gets only those functions of store/lua/steps/ that it needs, and constants are written
as literals.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from config.names import ID_PLACEHOLDER, QUEUE, QUEUE_PLACEHOLDER
from jobs.environment import STDLIB
from jobs.limits import OUTPUT_BYTES
from jobs.mode import Mode
from jobs.system_outcomes import EXPIRED, LOST
from store import keys
from store.progress import CHUNK_BYTES
from store.queue_class import QUEUE_CLASSES
from store.record import FIELDS
from store.serialisation import encode_outcome
from store.statistics import BUCKETS_MS
from store.summary import FIELDS as SUMMARY_FIELDS

_FOLDER: Final = Path(__file__).parent / "lua"

#: The files of store/lua/steps/. A definition may use those of its own file above it and of the files before.
_STEPS: Final = (
    "input",
    "keys",
    "counters",
    "output",
    "environments",
    "notification",
    "owner",
    "files",
    "queue",
    "rotation",
    "snapshot",
    "running",
    "record",
    "waiters",
    "finalize",
    "admission",
    "claiming",
)

#: The largest outcome that a wake-up contains, in bytes. The waiting request may have ended, so a wake-up
#: must be small.
WAKE_UP_BYTES: Final = 16 * 1024

#: What a job takes in Redis in addition to its job, limits and outcome, in bytes. Measured: 1,148 for a small
#: job in all. With an idempotency key it takes more: the record names the key, and the key names the job.
RECORD_BYTES: Final = 1024
IDEMPOTENCY_BYTES: Final = 512

#: What a file or an artifact takes in Redis in addition to its path and content, in bytes.
FILE_BYTES: Final = 64

#: The values from Python that scripts use by these names.
_CONSTANTS: Final[Mapping[str, Any]] = {
    "NOTIFICATIONS": keys.NOTIFICATIONS,
    "QUEUED": keys.QUEUED,
    "QUEUED_ENVIRONMENTS": keys.QUEUED_ENVIRONMENTS,
    "RUNNING": keys.RUNNING,
    "FINAL": keys.FINAL,
    "ROTATION": keys.ROTATION,
    "CAPPED": keys.CAPPED,
    "EARLIER_ROTATION": keys.EARLIER_ROTATION,
    "EARLIER_CAPPED": keys.EARLIER_CAPPED,
    "COUNTERS": keys.COUNTERS,
    "SEQUENCE": keys.SEQUENCE,
    "RECONCILER": keys.RECONCILER,
    "HISTORY": keys.HISTORY,
    "WORKERS": keys.WORKERS,
    "GONE_WORKERS": keys.GONE_WORKERS,
    "ANNOUNCED": keys.ANNOUNCED,
    "STDLIB": STDLIB,
    "MAIN": Mode.MAIN,
    "QUEUE": QUEUE,
    "JOB": keys.JOB,
    "EARLIER_WAITERS": keys.EARLIER_WAITERS,
    "EARLIER_QUEUED": keys.EARLIER_QUEUED,
    "FOLLOWERS": keys.FOLLOWERS,
    "EVENTS": keys.EVENTS,
    "FILES": keys.FILES,
    "ARTIFACTS": keys.ARTIFACTS,
    "OWNER": keys.OWNER,
    "CHANNELS_TTL": keys.CHANNELS_TTL,
    "CLASSES": tuple(one.name for one in QUEUE_CLASSES),
    # The numbers of the turns of one class: more than there will ever be submissions.
    "CLASS_TURNS": 10**12,
    # How often other jobs of its owner may go before the oldest one.
    "PASSED_MOST": 3,
    "FIELDS": FIELDS,
    "SUMMARY_FIELDS": SUMMARY_FIELDS,
    "BUCKETS_MS": BUCKETS_MS,
    "ID_PLACEHOLDER": ID_PLACEHOLDER,
    "QUEUE_PLACEHOLDER": QUEUE_PLACEHOLDER,
    "EXPIRED": encode_outcome(EXPIRED),
    "LOST": encode_outcome(LOST),
    "WAKE_UP_BYTES": WAKE_UP_BYTES,
    "RECORD_BYTES": RECORD_BYTES,
    "IDEMPOTENCY_BYTES": IDEMPOTENCY_BYTES,
    "CHUNK_BYTES": CHUNK_BYTES,
    # The most bytes of both outputs of a job together, and the most events of a job. A worker sends fewer.
    "OUTPUTS_BYTES": 2 * OUTPUT_BYTES,
    "MOST_EVENTS": 40_000,
    # The most events that one read returns.
    "MOST_READ": 100,
    "FILE_BYTES": FILE_BYTES,
    # The most expired jobs that one claim ends, and the most jobs of each kind that one reconcile repairs.
    "MOST_EXPIRED": 1000,
    "MOST_RECONCILED": 1000,
}


@dataclass(frozen=True, slots=True)
class _Code:
    """A piece of Lua, and every word in it: the names that it may use."""

    text: str
    words: frozenset[str]


def script_names() -> list[str]:
    """Return the names of all scripts."""
    return sorted(path.stem for path in _FOLDER.glob("*.lua"))


def source(name: str, *, when_full: bool = True) -> str:
    """Return the whole text of a script as it is sent to Redis.

    Args:
        name: The name of the script.
        when_full: Whether the script may write while Redis has reached `maxmemory`.
    """
    script = _code(_read(name))
    pieces, words = [script.text], script.words
    for defined, definition in reversed(_definitions()):
        if defined in words:
            pieces.append(definition.text)
            words |= definition.words
    flags = " flags=allow-oom" if when_full else ""
    return "\n".join((f"#!lua{flags}", *reversed(pieces)))


@cache
def _definitions() -> tuple[tuple[str, _Code], ...]:
    """Return each list of _CONSTANTS and each definition of the steps with its name, in order."""
    lists = [
        (name, _code(f"local {name} = {_literal(value)}"))
        for name, value in _CONSTANTS.items()
        if isinstance(value, tuple)
    ]
    return (*lists, *(one for file in _STEPS for one in _split(_read(f"steps/{file}"))))


def _split(text: str) -> Iterator[tuple[str, _Code]]:
    """Split a file of steps. A definition begins with `local` at the beginning of a line."""
    starts = list(re.finditer(r"^local (?:function )?(\w+)", text, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends, strict=True):
        yield start[1], _code(text[start.start() : end])


def _code(text: str) -> _Code:
    return _Code(text.rstrip(), frozenset(re.findall(r"\w+", text)))


def _read(file: str) -> str:
    """Return a file of store/lua/ without its comments, and with the constants written as literals."""
    text = (_FOLDER / f"{file}.lua").read_text("utf-8")
    code = re.sub(r"^ *--.*\n", "", text, flags=re.MULTILINE)

    def value_of(name: re.Match[str]) -> str:
        value = _CONSTANTS.get(name[0], ())
        return name[0] if isinstance(value, tuple) else _literal(value)

    return re.sub(r"\b[A-Z_]+\b", value_of, code)


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(_literal(item) for item in value) + "}"
    # Lua reads the texts and numbers here as JSON has them.
    return json.dumps(value)
