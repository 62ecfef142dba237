"""A real jail for the tests here."""

from collections.abc import Iterator

import pytest

from sandbox.jail.sandbox import NsjailSandbox
from tests.support.jail import nsjail_sandbox


@pytest.fixture(scope="session")
def sandbox(nsjail: None) -> Iterator[NsjailSandbox]:
    """Share one sandbox; every job has a jail of its own anyway."""
    with nsjail_sandbox() as sandbox:
        yield sandbox
