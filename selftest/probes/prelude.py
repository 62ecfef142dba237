"""What the scripts of probes have in common."""

from typing import Any, Final

from jobs.job import Job
from selftest.checks import stopped
from selftest.probe import RESTRICTED, Probe, job

#: `attempt(call, …)` returns "done", or the name of the error the call ended with.
_ATTEMPT: Final = """
import errno, os

def attempt(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"
"""

#: `channel()` finds the object that the runner reports with, `forge(claim)` reports in its name.
_FORGE: Final = """
import json, os, sys

def channel():
    frame = sys._getframe()
    while frame:
        if "answer" in frame.f_locals:
            return frame.f_locals["answer"]
        frame = frame.f_back
    raise LookupError("the runner's channel is not where it was")

def forge(claim):
    channel().send(claim)
"""


def attempts(script: str, **fields: Any) -> Job:
    """Make a job whose script has `attempt`."""
    made = job(script, **fields)
    return job(_ATTEMPT + made.script, **fields)


def forger(script: str, **fields: Any) -> Job:
    """Make a job whose script has `channel` and `forge`."""
    made = job(script, **fields)
    return job(_FORGE + made.script, **fields)


def escape(name: str, tried: str, script: str) -> Probe:
    """Make a probe of a way out of the guarded language.

    The script works where nothing is guarded and returns what it has reached; where a guard holds
    it must not come so far. The kernel's locks behind it are a second line, so to hold a module
    like `os` is a breach already, whatever can be done with it then.
    """
    return Probe(
        "escapes",
        f"no-escape-by-{name}",
        tried,
        "rejected or an exception",
        (job(script),),
        stopped,
        RESTRICTED,
    )
