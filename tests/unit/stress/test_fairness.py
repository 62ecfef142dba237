import math

from stress.fairness import Measurement, percentile


def test_percentile_is_the_value_that_a_share_of_the_values_does_not_exceed() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1)] == [51, 96, 100]


def test_percentile_is_infinite_when_no_job_was_answered() -> None:
    assert percentile([], 0.95) == math.inf


def test_measurement_compares_the_jobs_during_an_attack_with_those_before() -> None:
    measurement = Measurement(alone=[10.0] * 20, beside=[15.0] * 18 + [30.0] * 2)
    assert measurement.slowdown == 3
    assert measurement.row("loops") == ("loops", "10.0", "15.0", "10.0", "30.0", "3.0", "-")
