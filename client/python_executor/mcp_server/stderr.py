"""The log, on standard error: standard output is the protocol."""

import logging
import sys
import traceback
from typing import Any


def log_to_stderr() -> None:
    """Log warnings and errors. Below, the libraries log messages, which contain scripts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _Formatter(logging.Formatter):
    """Leaves out the messages of exceptions, which can quote scripts."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        kind, _, where = ei
        return "".join([*traceback.format_tb(where), kind.__name__])
