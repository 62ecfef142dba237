"""A pipeline of generators: each stage handles one reading at a time."""

from collections import deque
from itertools import islice


def readings(seed):
    """Yield the readings of a sensor, for ever."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield 15 + seed % 100 / 10


def without_outliers(values, low, high):
    return (value for value in values if low <= value <= high)


def moving_average(values, size):
    window = deque(maxlen=size)
    for value in values:
        window.append(value)
        if len(window) == size:
            yield sum(window) / size


def main(seed, count):
    cleaned = without_outliers(readings(seed), low=16, high=24)
    averages = [round(value, 2) for value in islice(moving_average(cleaned, size=3), count)]
    return {"averages": averages, "highest": max(averages)}
