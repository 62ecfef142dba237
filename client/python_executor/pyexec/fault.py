"""Errors of a call or a script, each described in one line."""

from typing import TYPE_CHECKING

from python_executor import errors
from python_executor.settings import KEY_VARIABLE

if TYPE_CHECKING:
    from python_executor.execution import ScriptError


def describe(error: errors.PythonExecutorError) -> str:
    """Return one line that says why a call failed."""
    match error:
        case errors.ScriptRefused():
            return describe_script(error.error)
        case errors.AuthenticationFailed():
            return f"{error}; set {KEY_VARIABLE}, and see `pyexec doctor`"
        case errors.ServiceFault(status=None):
            return f"{error}; see `pyexec doctor`"
    return str(error)


def describe_script(error: "ScriptError") -> str:
    """Return one line that says why a script failed."""
    place = f", line {error.line}" if error.line else ""
    place += f", column {error.column}" if error.column else ""
    return f"{error.type}{place}: {error.message}"
