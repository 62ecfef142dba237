"""What log lines look like, on both sides: one line an event, as `key=value` or JSON.

Modules log with the standard library; values go into `extra`, under the names in FIELDS. What is said while
a job is worked on carries its id: see `about`. Scripts, inputs, outputs and keys are never logged.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from config.settings import Settings

#: The values a line may carry; others, as libraries add them, are left out.
FIELDS: Final = ("job", "method", "path", "status", "ms", "key", "attempt", "jobs")

#: What needs no quotes in a line of pairs.
_PLAIN: Final = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]*")

_job: Final[ContextVar[str]] = ContextVar("job")


class _Line(logging.Formatter):
    """Formats a record as one line."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if job := _job.get(None):
            fields["job"] = job
        said = record.__dict__
        for name in FIELDS:
            if name in said:
                fields[name] = said[name]
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = record.stack_info
        if self._as_json:
            return json.dumps(fields, default=repr)
        return " ".join([f"{name}={_quoted(str(value))}" for name, value in fields.items()])


def configure_logging(settings: Settings) -> None:
    """Write the lines of every logger of this process to standard error."""
    # Nobody is told of them, so none needs to be found out for each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(_Line(as_json=settings.log_format == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


@contextmanager
def about(job_id: str) -> Iterator[None]:
    """Have every line of this thread carry the job's id."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def _quoted(value: str) -> str:
    # As in JSON: whatever it holds, it is one line and one value.
    return value if _PLAIN.fullmatch(value) else json.dumps(value)
