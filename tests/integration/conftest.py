"""Real sandboxes, shared by the tests of the sandbox and of the self-test."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from sandbox.isolation import Isolation
from sandbox.jail.sandbox import NsjailSandbox
from sandbox.restricted.sandbox import RestrictedSandbox
from tests.support.jail import nsjail_sandbox
from tests.support.packages import made_packages


@pytest.fixture(scope="session", params=list(Isolation))
def sandbox(nsjail: None, request: pytest.FixtureRequest) -> Iterator[NsjailSandbox]:
    """A sandbox of each isolation. Every job has a new runner."""
    with nsjail_sandbox(request.param) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=list(Isolation))
def with_packages(nsjail: None, request: pytest.FixtureRequest) -> Iterator[NsjailSandbox]:
    """A sandbox of each isolation with an environment that has a package."""
    with (
        made_packages({"small": ""}, preload=("small",)) as small,
        nsjail_sandbox(request.param, environments=(small,)) as sandbox,
    ):
        yield sandbox


@pytest.fixture(params=list(Isolation))
def recycling(nsjail: None, request: pytest.FixtureRequest) -> Iterator[NsjailSandbox]:
    """Make a sandbox whose nsjail processes serve three jobs each."""
    with nsjail_sandbox(request.param, slot_jobs=3) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def restricted() -> Iterator[RestrictedSandbox]:
    """A restricted executor. Every job has a new runner."""
    with closing(RestrictedSandbox()) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def kernel_layer() -> Iterator[RestrictedSandbox]:
    """The restricted executor without its language guards: only the kernel's limits."""
    with closing(RestrictedSandbox(language=False)) as sandbox:
        yield sandbox
