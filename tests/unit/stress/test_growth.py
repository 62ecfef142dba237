from random import Random

from stress.growth import Growth

TIMES = [float(second) for second in range(60)]


def test_what_rises_beyond_its_tolerance_grows() -> None:
    growth = Growth.fit(TIMES, [100 + 0.2 * second for second in TIMES])
    assert round(growth.by, 6) == 11.8
    assert growth.beyond(10)
    assert not growth.beyond(12)


def test_what_goes_up_and_down_does_not_grow() -> None:
    random = Random(1)
    assert not Growth.fit(TIMES, [random.uniform(0, 40) for _ in TIMES]).beyond(2)


def test_what_falls_does_not_grow() -> None:
    assert not Growth.fit(TIMES, [100 - second for second in TIMES]).beyond(0)
