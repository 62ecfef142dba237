"""What a test needs and the machine does not have."""

import os
from typing import NoReturn

import pytest


def need(reason: str) -> NoReturn:
    """Skip the test for the lack that `reason` tells of; fail it where nothing may be lacking."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
