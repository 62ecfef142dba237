"""The exit code of the command.

It is 0 only if the script succeeded. Otherwise it is the script's own code, or says what kept the script from
having one. The codes 124, 125 and those of signals are what `timeout` and shells use.
"""

import re
import signal
from typing import TYPE_CHECKING, Any, Final

from python_executor import errors

if TYPE_CHECKING:
    from python_executor.execution import Execution, ScriptError

FAILED: Final = 1
USAGE: Final = 2
TIMEOUT: Final = 124
FAULT: Final = 125
CANCELLED: Final = 130
#: 128 and SIGKILL, which ends a program that has too much memory.
MEMORY: Final = 137
#: 128 and SIGPIPE, which ends a program whose output is no longer read.
PIPE: Final = 141

#: Types of errors that do not mean that the script failed.
_OTHER: Final = {
    "timeout": TIMEOUT,
    "memory_limit": MEMORY,
    "sandbox_failure": FAULT,
    "expired": FAULT,
    "unsupported": USAGE,
}

#: Types of refused requests that no other arguments would mend.
_FAULTS: Final = frozenset({"unauthorized", "host_not_allowed", "method_not_allowed"})

_SIGNAL: Final = re.compile(r"\bSIG[A-Z]+[0-9]*\b")


def of_execution(execution: "Execution[Any]") -> int:
    """Return the code for a final execution."""
    if execution.succeeded:
        return 0
    if execution.status == "cancelled":
        return CANCELLED
    error = execution.error
    if error is None:
        return FAILED
    if error.type == "exit":
        # An exit with 0 before `main` returned is a failure, too.
        return (execution.exit_code or 0) & 0xFF or FAILED
    if error.type == "killed":
        return _killed(error)
    return _OTHER.get(error.type, FAILED)


def of_error(error: errors.PythonExecutorError) -> int:
    """Return the code for a call that failed."""
    match error:
        case errors.ScriptRefused() | errors.Conflict():
            return FAILED
        case errors.RequestRefused():
            return FAULT if error.type in _FAULTS else USAGE
    return FAULT


def _killed(error: "ScriptError") -> int:
    found = _SIGNAL.search(error.message)
    number = getattr(signal, found[0], None) if found else None
    return 128 + (number or 9)
