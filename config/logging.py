"""The format of log lines in the API and the workers: one line an event, as `key=value` pairs or JSON.

Modules log with the standard library and pass values in `extra`, under the names in FIELDS. Lines that are
logged within `job_context` contain the id of the job. Scripts, inputs, outputs and keys are never logged.
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

#: The values of `extra` that a line shows. Values under other names, which libraries add, are left out.
FIELDS: Final = ("job", "mode", "environment", "method", "path", "status", "ms", "key", "attempt", "jobs")

#: Values that need no quotes in a line of `key=value` pairs.
_PLAIN: Final = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]*")

_job: Final[ContextVar[str]] = ContextVar("job")


class _LineFormatter(logging.Formatter):
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
        extra = record.__dict__
        for name in FIELDS:
            if name in extra:
                fields[name] = extra[name]
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = record.stack_info
        if self._as_json:
            return json.dumps(fields, default=repr)
        return " ".join([f"{name}={_quoted(str(value))}" for name, value in fields.items()])


def configure_logging(settings: Settings) -> None:
    """Write the log lines of this process to standard error."""
    # The lines do not show threads and processes, so `logging` need not look them up.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(_LineFormatter(as_json=settings.log_format == "json"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


@contextmanager
def job_context(job_id: str) -> Iterator[None]:
    """Add the job's id to the lines that this thread logs within the context."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def _quoted(value: str) -> str:
    # JSON escapes control characters, so the value stays on one line, and quotes, so it stays one value.
    return value if _PLAIN.fullmatch(value) else json.dumps(value)
