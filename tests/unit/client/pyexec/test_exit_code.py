"""The exit code of the command."""

import pytest

from python_executor import errors
from python_executor.execution import Execution, ScriptError, Status
from python_executor.pyexec import exit_code


def failed(kind: str, message: str = "", code: int | None = None) -> Execution:
    return Execution(id="1", status=Status.FAILED, error=ScriptError(kind, message), exit_code=code)


@pytest.mark.parametrize(
    ("execution", "code"),
    [
        (Execution(id="1", status=Status.SUCCEEDED), 0),
        (Execution(id="1", status=Status.CANCELLED), 130),
        (Execution(id="", status=Status.REFUSED, error=ScriptError("syntax_error", "")), 1),
        (failed("exit", code=3), 3),
        (failed("exit", code=124), 124),
        (failed("exit", code=-1), 255),
        # sys.exit(0) before `main` returned is no success.
        (failed("exit", code=0), 1),
        (failed("exit", code=256), 1),
        (failed("exit"), 1),
        (failed("exception", code=1), 1),
        (failed("exception", code=0), 1),
        (failed("invalid_result", code=0), 1),
        (failed("timeout"), 124),
        (failed("memory_limit"), 137),
        (failed("killed", "the script was killed by SIGSEGV"), 139),
        (failed("killed", "the script was killed by SIGXYZ"), 137),
        (failed("sandbox_failure"), 125),
        (failed("expired"), 125),
        (failed("unsupported"), 2),
        (failed("a type of a later version", code=0), 1),
        (Execution(id="1", status=Status.FAILED), 1),
    ],
)
def test_exit_code_of_an_execution(execution: Execution, code: int) -> None:
    assert exit_code.of_execution(execution) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ServiceFault("away"), 125),
        (errors.JobNotFinished("1", 3), 125),
        (errors.AuthenticationFailed(401, "unauthorized", ""), 125),
        (errors.RequestRefused(421, "host_not_allowed", ""), 125),
        (errors.RequestRefused(400, "invalid_request", ""), 2),
        (errors.RequestRefused(400, "unknown_environment", ""), 2),
        (errors.NotFound(404, "not_found", ""), 2),
        (errors.Conflict(409, "already_final", ""), 1),
        (errors.ScriptRefused(400, ScriptError("syntax_error", "")), 1),
    ],
)
def test_exit_code_of_an_error(error: errors.PythonExecutorError, code: int) -> None:
    assert exit_code.of_error(error) == code
