"""An engine, and what runs on it, for the tests here."""

from collections.abc import Iterator

import pytest

from tests.support import engine as engines
from tests.support.engine import Engine, NoEngineError
from tests.support.need import need
from tests.support.stack import Stack, running_stack

#: The ways to run the worker: arguments of setup_local.sh.
MODES = {"privileged": (), "least-privilege": ("--least-privilege",)}


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Need a container engine that knows gVisor."""
    try:
        return engines.find()
    except NoEngineError as error:
        need(str(error))


@pytest.fixture(scope="session")
def image(engine: Engine) -> Iterator[str]:
    """The sandbox in an image, built once."""
    with engine.image() as image:
        yield image


@pytest.fixture(scope="session", params=MODES)
def stack(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Stack]:
    """The whole service by setup_local.sh, with each kind of worker; one at a time."""
    with running_stack(engine, *MODES[request.param]) as stack:
        yield stack


@pytest.fixture
def service(stack: Stack) -> Stack:
    """The service that the promises are held against."""
    return stack
