"""Fixtures that tests of every kind share: what the machine must have, and the running service."""

import signal
from collections.abc import Iterator

import pytest

from sandbox.errors import SandboxFailure
from sandbox.packages import Packages
from tests.support.data_environment import build_data_environment
from tests.support.jail import jail_works
from tests.support.need import need
from tests.support.service import Service, running_service, service_with


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let programs that tests start be interrupted: a shell starts a background process with SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def nsjail() -> None:
    """Require a machine on which a jail works."""
    try:
        jail_works()
    except SandboxFailure as failure:
        need(f"no jail works on this machine: {failure}")


@pytest.fixture(scope="session")
def data_packages() -> Packages:
    """Require the packages of the environment `data`. Building them the first time takes minutes."""
    return build_data_environment()


@pytest.fixture(scope="session")
def offering(nsjail: None, data_packages: Packages) -> Iterator[Service]:
    """Return a service with the environment `data`, for all tests: its zygotes take seconds to start."""
    with service_with(data_packages) as service:
        yield service


@pytest.fixture(scope="session")
def service(nsjail: None) -> Iterator[Service]:
    """Return the whole service. All tests share it, so each must leave it unchanged."""
    # The proxies of the documents pass this host name on.
    with running_service(HOSTS="executor.example.com") as service:
        yield service
