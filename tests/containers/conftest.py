"""An engine and an image for the tests here."""

from collections.abc import Iterator

import pytest

from tests.support import engine as engines
from tests.support.engine import Engine, NoEngineError
from tests.support.need import need


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
