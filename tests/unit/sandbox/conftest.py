"""Fixtures of the tests of the pump."""

from collections.abc import Iterator

import pytest

from tests.support.pump import PumpEnds, pump_ends


@pytest.fixture
def ends() -> Iterator[PumpEnds]:
    """A pump, and the ends of its descriptors that a runner and its init hold."""
    with pump_ends() as ends:
        yield ends
