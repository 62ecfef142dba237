"""Programs that a test needs and Python does not install."""

import shutil

import pytest

from tests.support.checkout import ROOT
from tests.support.need import need


def need_program(name: str) -> str:
    """Return the path of a program, or skip the test. Fail it in CI if `.ci/run` installs the program."""
    if path := shutil.which(name):
        return path
    if name in (ROOT / ".ci/run").read_text("utf-8").split():
        need(f"{name} is not installed")
    pytest.skip(f"{name} is not installed")
