"""What log lines look like, on both sides: one line an event, as `key=value` or JSON.

Modules log with the standard library; values go into `extra`, under the names in FIELDS. What is said while
a job is worked on carries its id: see `about`. Scripts, inputs, outputs and keys are never logged.
"""

import logging
from contextlib import AbstractContextManager
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from config.settings import Settings

#: The values a line may carry; others, as libraries add them, are left out.
FIELDS: Final = ("method", "path", "status", "ms", "key", "attempt", "jobs")

_ORDER: Final = ("timestamp", "level", "logger", "event", "job")


def configure_logging(settings: Settings) -> None:
    """Write the lines of every logger of this process to standard error."""
    as_json = structlog.processors.JSONRenderer()
    as_pairs = structlog.processors.LogfmtRenderer(key_order=_ORDER, drop_missing=True)
    formatter = ProcessorFormatter(
        foreign_pre_chain=[
            merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            ExtraAdder(allow=FIELDS),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            as_json if settings.log_format == "json" else as_pairs,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())


def about(job_id: str) -> AbstractContextManager[Any]:
    """Return a context in which every line of this thread carries the job's id."""
    return bound_contextvars(job=job_id)
