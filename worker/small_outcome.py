"""The outcome that is written while Redis is full."""

from dataclasses import replace
from typing import Final

from jobs.outcome import Outcome
from jobs.system_outcomes import sandbox_failure
from store.serialisation import encode_outcome

#: The most bytes of its stored form. It takes the place of the job's input, which is often as large.
_SMALL: Final = 64 * 1024


def without_contents(outcome: Outcome) -> Outcome:
    """Return an outcome with its artifacts listed as dropped."""
    artifacts = tuple(replace(one, sha256=None, content=None) for one in outcome.artifacts)
    return replace(outcome, artifacts=artifacts)


def small_outcome(outcome: Outcome) -> Outcome:
    """Return an outcome without contents if it is small; instead of a large one a failure."""
    if len(encode_outcome(outcome).encode()) <= _SMALL:
        return outcome
    return sandbox_failure("the service had no room for the outcome of this job")
