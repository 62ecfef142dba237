"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbers of samples. Latency: per round. burst: seconds. pause: seconds between paced jobs."""

    rounds: int = 40
    bare: int = 8
    cold: int = 4
    paced: int = 10
    back_to_back: int = 20
    moderate: int = 5
    pause: float = 0.02

    burst_rounds: int = 4
    burst: float = 2.0
    concurrencies: tuple[int, ...] = (8, 32, 64)

    cost_jobs: int = 500
    counted_jobs: int = 100
    starts: int = 2
    held: int = 1000
    soak: int = 0


FULL: Final = Plan()

#: For a test of the tool: every step once, no figure worth a look.
QUICK: Final = Plan(
    rounds=2,
    bare=2,
    cold=2,
    paced=3,
    back_to_back=3,
    moderate=2,
    burst_rounds=1,
    burst=0.6,
    concurrencies=(8, 32),
    cost_jobs=20,
    counted_jobs=10,
    starts=0,
    held=50,
)
