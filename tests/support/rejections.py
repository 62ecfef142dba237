"""Validate scripts in tests and look at their rejections."""

import pytest

from validation.errors import Rejection
from validation.script import validate

#: A script that every sandbox accepts.
MAIN = "def main():\n    return {}\n"


def rejection_of(script: str) -> Rejection:
    """Return the rejection of a script; fail the test if it is accepted."""
    rejection = find_rejection(script)
    if rejection is None:
        pytest.fail("the script is accepted")
    return rejection


def find_rejection(script: str) -> Rejection | None:
    """Return the rejection of a script, None if it is accepted."""
    try:
        validate(script)
    except Rejection as rejection:
        return rejection
    return None


def large(script: str) -> str:
    """Return the script at a size that is checked in a child process."""
    return script + "\n" + "#" * 40_000
