"""What the interpreter does with an exception that a program does not catch.

Source: _PyErr_PrintEx in Python/pythonrun.c.
"""

from __future__ import annotations

import sys

from sandbox.guest.report import SCRIPT
from sandbox.guest.versions import KEEPS_LAST_EXCEPTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any


def hook() -> Any:
    """Return sys.excepthook, which a script may have replaced or deleted."""
    return sys.__dict__.get("excepthook", sys.__excepthook__)


def show(error: BaseException) -> SystemExit | None:
    """Give `error` to sys.excepthook; return the SystemExit that the hook raised, if it did."""
    trace = _cut(error)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if KEEPS_LAST_EXCEPTION:
        sys.__dict__["last_exc"] = error
    try:
        hook()(type(error), error, trace)
    except SystemExit as stop:
        return stop
    except BaseException as fault:
        _write("Error in sys.excepthook:\n", fault)
        _write("\nOriginal exception was:\n", error)
    return None


def show_exit(stop: Any) -> None:
    """Print what a script gave sys.exit, unless it is an exit status."""
    if not (stop.code is None or isinstance(stop.code, int)):
        try:
            # Without sys.stderr the interpreter writes to the descriptor.
            print(stop.code, file=sys.stderr or sys.__stderr__)
        except BaseException:
            # The text of the object is the script's code, and so may be the stream.
            return


def _write(heading: str, error: BaseException) -> None:
    try:
        sys.stderr.write(heading)
        sys.__excepthook__(type(error), error, _cut(error))
    except BaseException:
        return


def _cut(error: BaseException) -> types.TracebackType | None:
    """Cut the guest's frames, which come before the script's first one, off a traceback; return the rest."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != SCRIPT:
        trace = trace.tb_next
    BaseException.with_traceback(error, trace)
    return trace
