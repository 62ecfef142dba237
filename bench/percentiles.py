"""Percentiles of a sample."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Three percentiles of a sample, in its unit, and its size."""

    p50: float
    p95: float
    p99: float
    count: int


def summarize(sample: Sequence[float]) -> Spread:
    """Return the percentiles of a sample."""
    return Spread(percentile(sample, 50), percentile(sample, 95), percentile(sample, 99), len(sample))


def percentile(sample: Sequence[float], percent: float) -> float:
    """Return the smallest value so that at least `percent` % of the sample are not greater (nearest rank)."""
    ordered = sorted(sample)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(sample: Sequence[float]) -> float:
    """Return the median of a sample."""
    return statistics.median(sample)
