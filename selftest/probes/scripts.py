"""Code that the scripts of several probes share."""

from typing import Any, Final

from jobs.job import Job
from selftest.probe import job

#: Defines `attempt(call, …)`: returns "done", or the name of the OSError that the call raised.
_ATTEMPT: Final = """
import errno, os

def attempt(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"
"""

#: Defines `channel()`: finds the runner's end of the job's socket among all objects.
#: Defines `forge(claim)`: sends `claim` as a report over that channel.
FORGE: Final = """
import gc, json, os, sys

def channel():
    for found in gc.get_objects():
        if type(found).__name__ == "Channel" and found._tag:
            return found
    raise LookupError("the runner's channel is not where it was")

def forge(claim):
    channel().send(claim)
"""


def attempt_job(script: str, **fields: Any) -> Job:
    """Make a job whose script can call `attempt`."""
    return _with_prelude(_ATTEMPT, script, fields)


def forge_job(script: str, **fields: Any) -> Job:
    """Make a job whose script can call `channel` and `forge`."""
    return _with_prelude(FORGE, script, fields)


def _with_prelude(prelude: str, script: str, fields: dict[str, Any]) -> Job:
    return job(prelude + job(script).script, **fields)
