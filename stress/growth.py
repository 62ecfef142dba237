"""Growth: whether something measured again and again gets more and more."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: How many of its own uncertainties a growth must exceed, or a few jobs more at the end would be one.
_SURE = 4.0


@dataclass(frozen=True, slots=True)
class Growth:
    """A line through what was measured. by: how much it rises from end to end. error: of that."""

    first: float
    last: float
    by: float
    error: float

    @classmethod
    def fit(cls, times: Sequence[float], values: Sequence[float]) -> "Growth":
        """Fit a line by least squares; three points at the least."""
        count, mean_t, mean_v = len(times), sum(times) / len(times), sum(values) / len(values)
        spread = sum((t - mean_t) ** 2 for t in times)
        slope = sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
        rest = sum((v - mean_v - slope * (t - mean_t)) ** 2 for t, v in zip(times, values, strict=True))
        length = times[-1] - times[0]
        error = math.sqrt(rest / (count - 2) / spread) * length
        start = mean_v + slope * (times[0] - mean_t)
        return cls(start, start + slope * length, slope * length, error)

    def beyond(self, tolerance: float) -> bool:
        """Say whether it rises by more than `tolerance`, and surely so."""
        return self.by > tolerance and self.by > _SURE * self.error
