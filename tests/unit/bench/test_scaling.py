"""The capacity that is computed from CPU time."""

import pytest

from bench.scaling import MANY, ONE, Scaling
from harness.components import Component

_CPU = {Component.API: 2.0, Component.WORKER: 0.0, Component.POOL: 1.0, Component.SANDBOX: 4.0}


def test_capacity_is_that_of_the_part_that_serves_the_fewest_jobs() -> None:
    scaling = Scaling({ONE: _CPU | {Component.REDIS: 0.5}, MANY: _CPU | {Component.REDIS: 1.0}})
    assert scaling.limits(ONE) == {"API": 500, "workers": 400, "Redis": 2000}
    assert scaling.limits(MANY) == {"API": 1500, "workers": 1200, "Redis": 1000}
    assert scaling.capacity_over_one == 2.5
    assert scaling.jobs_over_one(Component.REDIS) == 0.5
    assert scaling.jobs_over_one(Component.POOL, Component.SANDBOX) == pytest.approx(1.0)
