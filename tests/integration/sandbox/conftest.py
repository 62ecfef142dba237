"""Real sandboxes for the tests here."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.jail import nsjail_sandbox


@pytest.fixture(scope="session")
def sandbox(nsjail: None) -> Iterator[NsjailSandbox]:
    """Share one sandbox; every job has a jail of its own anyway."""
    with nsjail_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def restricted() -> Iterator[RestrictedSandbox]:
    """Share one sandbox; every job has a runner of its own anyway."""
    with closing(RestrictedSandbox()) as sandbox:
        yield sandbox
