from __future__ import annotations

import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
if typing.TYPE_CHECKING:
    from numpy.typing import NDArray


def mean(numbers: NDArray) -> pd.Series:
    return sum(numbers) / len(numbers)


def main():
    return {"mean": mean([1, 2, 3])}
