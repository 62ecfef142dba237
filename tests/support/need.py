"""Requirements of a test that the machine does not meet."""

import os
from typing import NoReturn

import pytest


def need(reason: str) -> NoReturn:
    """Skip the test for `reason`. With CI set, where every requirement must be met, fail it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
