"""The outcome of a record as a value."""

import json

from jobs.outcome import JobError, Outcome
from store.stored_outcome import StoredOutcome


def decoded(stored: StoredOutcome | None) -> Outcome:
    """Return the outcome that a worker has stored."""
    assert stored is not None
    error = stored.error
    return Outcome(
        sandbox=stored.sandbox,
        result=json.loads(stored.result),
        error=JobError(error.type, error.message, error.line, json.loads(error.traceback)) if error else None,
        stdout=json.loads(stored.stdout),
        stderr=json.loads(stored.stderr),
        stdout_truncated=stored.stdout_truncated,
        stderr_truncated=stored.stderr_truncated,
        usage=stored.usage,
        exit_code=stored.exit_code,
        environment_digest=stored.environment_digest,
        artifacts=stored.artifacts,
        artifacts_truncated=stored.artifacts_truncated,
    )
