"""The verdict about several runs."""

import pytest

from bench.targets import Target, judge_runs
from sandbox.isolation import Isolation

_TARGET: Target[float] = Target("rate", {Isolation.SLOT: 3.0}, lambda run, _: run, least=True)


@pytest.mark.parametrize(("runs", "met"), [([1.0, 9.0, 4.0], True), ([1.0, 9.0, 2.0], False)])
def test_runs_are_judged_by_their_median(runs: list[float], met: bool) -> None:
    verdicts = {verdict.isolation: verdict for verdict in judge_runs([_TARGET], runs)}
    assert verdicts[Isolation.SLOT].figure == sorted(runs)[1]
    assert verdicts[Isolation.SLOT].runs == tuple(runs)
    assert verdicts[Isolation.SLOT].met is met
    assert verdicts[Isolation.FRESH].met is None
