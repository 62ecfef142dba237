"""The outcome in a record, with its large values as JSON texts."""

from dataclasses import dataclass

from jobs.files import Artifact
from jobs.json_text import JSONText
from jobs.outcome import ErrorType, SandboxKind, Usage


@dataclass(frozen=True, slots=True)
class StoredError:
    """The error of an outcome; see `jobs.outcome.JobError`."""

    type: ErrorType
    message: str
    line: int | None
    traceback: JSONText


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome as the worker has stored it; see `jobs.outcome.Outcome`.

    A value that can take megabytes is the JSON text that the worker made. The API passes it on as it is: to
    decode and encode 6 MB would take 50 ms, in which no other request is served (measured).
    """

    sandbox: SandboxKind | None
    result: JSONText
    error: StoredError | None
    stdout: JSONText
    stderr: JSONText
    stdout_truncated: bool
    stderr_truncated: bool
    usage: Usage
    exit_code: int | None
    environment_digest: str | None
    artifacts: tuple[Artifact, ...] = ()
    artifacts_truncated: bool = False
