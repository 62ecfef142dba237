"""The errors that the client raises.

PythonExecutorError
├── RequestRefused            the service refused the request, and would refuse it again
│   ├── AuthenticationFailed  the API key is missing or wrong
│   ├── NotFound              there is no such job or artifact, or it has expired
│   ├── Conflict              the job has already ended, or the idempotency key names another submission
│   └── ScriptRefused         the script cannot run: a syntax error, a module that it cannot have
├── ServiceFault              no usable answer within the bound, retries included
├── JobNotFinished            the job did not end within the bound; it goes on
├── BatchInterrupted          a batch ended early; it has the executions so far
└── ExecutionFailed           the script failed; only `Execution.raise_for_error` raises it
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from python_executor.execution import Execution, ScriptError


class PythonExecutorError(Exception):
    """The base class of every error of the client."""


class RequestRefused(PythonExecutorError):
    """The service refused the request.

    Attributes:
        status: The HTTP status.
        type: `error.type` of the answer, for example `invalid_request`.
        message: One line that says what is wrong.
        field: The field of the request that is wrong, None if no single field is.
    """

    def __init__(self, status: int, type: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.message = message
        self.field = field


class AuthenticationFailed(RequestRefused):
    """The API key is missing or wrong."""


class NotFound(RequestRefused):
    """There is no such job or artifact, or it has expired."""


class Conflict(RequestRefused):
    """The job has already ended, or the idempotency key was used for another submission."""


class ScriptRefused(RequestRefused):
    """The service does not run the script: it does not compile, or imports what it cannot have.

    Attributes:
        error: What is wrong, as in the `error` of an execution.
    """

    def __init__(self, status: int, error: "ScriptError") -> None:
        super().__init__(status, error.type, error.message, "script")
        self.error = error


class ServiceFault(PythonExecutorError):
    """The service gave no usable answer within the bound of the call, retries included.

    Attributes:
        status: The HTTP status of the last answer, None if there was none.
        type: `error.type` of the last answer, None if there was none.
        retry_after: Seconds after which the service asks to try again, None if it did not say.
        job_id: The job that the call waited for, None if it waited for none, or does not know its id.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        type: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.retry_after = retry_after
        self.job_id: str | None = None


class JobNotFinished(PythonExecutorError):
    """The job did not end within the bound of the call. It goes on.

    Attributes:
        job_id: The job.
    """

    def __init__(self, job_id: str, seconds: float, fault: ServiceFault | None = None) -> None:
        why = "it goes on" if fault is None else f"the service did not answer at last: {fault}"
        super().__init__(f"job {job_id} did not end within {seconds:g} seconds; {why}")
        self.job_id = job_id


class BatchInterrupted(PythonExecutorError):
    """A batch ended early. `__cause__` is the error that ended it.

    Attributes:
        executions: The executions in the order of the scripts, None for each that has not ended.
    """

    def __init__(self, cause: PythonExecutorError, executions: "Sequence[Execution[Any] | None]") -> None:
        ended = sum(execution is not None for execution in executions)
        super().__init__(f"{ended} of {len(executions)} scripts ended before a call failed: {cause}")
        self.executions = executions


class ExecutionFailed(PythonExecutorError):
    """The script failed.

    Attributes:
        execution: The execution.
    """

    def __init__(self, message: str, execution: "Execution[Any]") -> None:
        super().__init__(message)
        self.execution = execution
