"""The ratios of a larger service to a small one."""

from bench.growth import QUEUED, SMALL, Growth


def test_ratios_are_those_of_the_rounds_so_that_a_slow_round_does_not_count() -> None:
    latencies = {SMALL: [[10.0], [10.0], [30.0]], QUEUED: [[11.0], [11.0], [33.0]]}
    rates = {SMALL: [100.0, 100.0, 20.0], QUEUED: [90.0, 90.0, 18.0]}
    cpu = {SMALL: [8.0, 8.0, 9.0], QUEUED: [10.0, 10.0, 9.0]}
    growth = Growth(10, {QUEUED: 10_000}, latencies, rates, cpu)
    assert growth.p50_over_small(QUEUED) == 1.1
    assert growth.rate_over_small(QUEUED) == 0.9
    assert growth.cpu_over_small(QUEUED) == 1.25
