"""What tests of every kind share: what they need of the machine, and the running service."""

from collections.abc import Iterator

import pytest

from sandbox.errors import SandboxFailure
from tests.support.jail import jail_works
from tests.support.need import need
from tests.support.service import Service, running_service


@pytest.fixture(scope="session")
def nsjail() -> None:
    """Need a machine on which a jail works."""
    try:
        jail_works()
    except SandboxFailure as failure:
        need(f"no jail works here: {failure}")


@pytest.fixture(scope="session")
def service(nsjail: None) -> Iterator[Service]:
    """The whole service, shared by all tests that leave it as they found it."""
    with running_service() as service:
        yield service
