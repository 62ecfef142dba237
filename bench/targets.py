"""The targets, and whether a run meets them."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figures
from bench.latency import BACK_TO_BACK, PACED
from bench.percentiles import median
from sandbox.isolation import Isolation

SLOT, FRESH = Isolation.SLOT, Isolation.FRESH


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for a figure.

    Attributes:
        name: The name of the figure.
        bounds: The bound of each isolation that has one.
        figure: Computes the figure.
        unit: The unit of the figure and the bound.
        least: The bound is a minimum, not a maximum.
    """

    name: str
    bounds: dict[Isolation, float]
    figure: Callable[[Figures, Isolation], float]
    unit: str = ""
    least: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure and its target.

    Attributes:
        bound: None if the isolation has no target.
    """

    name: str
    isolation: Isolation
    figure: float
    bound: float | None
    unit: str
    least: bool

    @property
    def met(self) -> bool | None:
        """Whether the target is met, or None without a target."""
        if self.bound is None:
            return None
        return self.figure >= self.bound if self.least else self.figure <= self.bound

    @property
    def missed_by(self) -> float | None:
        """The excess of the figure over its bound, as a share of the bound; None if the target is met."""
        if self.bound is None or self.met:
            return None
        return abs(self.figure - self.bound) / self.bound


def _trivial(pace: str, percent: float) -> Callable[[Figures, Isolation], float]:
    return lambda figures, isolation: figures.over_bare(f"{isolation} {pace}", percent)


TARGETS = (
    Target("trivial job, paced: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(PACED, 50)),
    Target("trivial job, paced: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(PACED, 95)),
    Target("trivial job, back to back: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(BACK_TO_BACK, 50)),
    Target("trivial job, back to back: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(BACK_TO_BACK, 95)),
    Target("moderate job: p50 over itself bare", {SLOT: 0.8, FRESH: 1.0}, Figures.moderate_over_itself),
    Target(
        "jobs per second over bare starts per second, the lowest of all concurrencies",
        {SLOT: 1.4, FRESH: 0.6},
        lambda figures, isolation: min(
            burst.over_bare for burst in figures.by_concurrency(isolation).values()
        ),
        least=True,
    ),
    Target(
        "8 at once: p95 over p50",
        {SLOT: 2.0, FRESH: 2.5},
        lambda figures, isolation: figures.by_concurrency(isolation)[8].tail,
    ),
    Target(
        "CPU time of a trivial job, all processes",
        {SLOT: 6.0},
        lambda figures, isolation: max(
            map(figures.cost[isolation].total, figures.cost[isolation].components)
        ),
        "ms",
    ),
    Target(
        "private memory of a process that waits for a job",
        {SLOT: 3.0},
        lambda figures, isolation: figures.memory[isolation].child,
        "MB",
    ),
    Target(
        "`make run` to ready",
        {SLOT: 3.0, FRESH: 3.0},
        lambda figures, isolation: median(figures.ready[isolation]),
        "s",
    ),
    Target(
        "memory of everything that `make run` starts, idle",
        {SLOT: 250.0, FRESH: 250.0},
        lambda figures, isolation: figures.memory[isolation].total,
        "MB",
    ),
    Target(
        "commands to Redis for each job",
        {SLOT: 8.0, FRESH: 8.0},
        lambda figures, isolation: sum(figures.commands[isolation].sent.values()),
    ),
    Target(
        "share of simultaneously waiting requests that got an answer",
        {SLOT: 1.0},
        lambda figures, _: figures.waiting.answered / figures.waiting.asked,
        least=True,
    ),
)


def judge(figures: Figures) -> list[Verdict]:
    """Compare a run with the targets."""
    return [
        Verdict(
            target.name,
            isolation,
            target.figure(figures, isolation),
            target.bounds.get(isolation),
            target.unit,
            target.least,
        )
        for target in TARGETS
        for isolation in Isolation
    ]
