from random import Random

from stress.growth import Growth

TIMES = [float(second) for second in range(60)]


def test_growth_exceeds_a_tolerance_when_the_values_rise_by_more() -> None:
    growth = Growth.fit(TIMES, [100 + 0.2 * second for second in TIMES])
    assert round(growth.by, 6) == 11.8
    assert growth.exceeds(10)
    assert not growth.exceeds(12)


def test_growth_exceeds_no_tolerance_when_the_values_fluctuate() -> None:
    random = Random(1)
    assert not Growth.fit(TIMES, [random.uniform(0, 40) for _ in TIMES]).exceeds(2)


def test_growth_exceeds_no_tolerance_when_the_values_fall() -> None:
    assert not Growth.fit(TIMES, [100 - second for second in TIMES]).exceeds(0)
