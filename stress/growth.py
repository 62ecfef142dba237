"""Growth of a value that is measured many times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: A growth must exceed this many standard errors. Otherwise a few more jobs at the end would count as growth.
_SURE = 4.0


@dataclass(frozen=True, slots=True)
class Growth:
    """A straight line through the measured values.

    Attributes:
        first: Its value at the first measurement.
        last: Its value at the last measurement.
        by: The difference of the two.
        error: The standard error of that difference.
    """

    first: float
    last: float
    by: float
    error: float

    @classmethod
    def fit(cls, times: Sequence[float], values: Sequence[float]) -> "Growth":
        """Fit the line by least squares. At least three points are needed."""
        count, mean_t, mean_v = len(times), sum(times) / len(times), sum(values) / len(values)
        spread = sum((t - mean_t) ** 2 for t in times)
        slope = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
        residual = sum((v - mean_v - slope * (t - mean_t)) ** 2 for t, v in zip(times, values, strict=True))
        length = times[-1] - times[0]
        error = math.sqrt(residual / (count - 2) / spread) * length
        start = mean_v + slope * (times[0] - mean_t)
        return cls(start, start + slope * length, slope * length, error)

    def exceeds(self, tolerance: float) -> bool:
        """Return whether the growth is more than `tolerance`, and more than its own uncertainty."""
        return self.by > tolerance and self.by > _SURE * self.error
