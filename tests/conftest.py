"""Fixtures that tests of every kind share: a machine that can run nsjail, and the running service."""

from collections.abc import Iterator

import pytest

from sandbox.errors import SandboxFailure
from tests.support.jail import jail_works
from tests.support.need import need
from tests.support.service import Service, running_service


@pytest.fixture(scope="session")
def nsjail() -> None:
    """Require a machine on which a jail works."""
    try:
        jail_works()
    except SandboxFailure as failure:
        need(f"no jail works on this machine: {failure}")


@pytest.fixture(scope="session")
def service(nsjail: None) -> Iterator[Service]:
    """Return the whole service. All tests share it, so each must leave it unchanged."""
    # The proxies of the documents pass this host name on.
    with running_service(HOSTS="executor.example.com") as service:
        yield service
