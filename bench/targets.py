"""What was aimed at, and whether it was met."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.figures import Figures
from bench.latency import BACK_TO_BACK, PACED
from bench.statistic import median
from sandbox.isolation import Isolation

SLOT, FRESH = Isolation.SLOT, Isolation.FRESH


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and the bound for each isolation that has one. least: the figure must not be lower."""

    name: str
    bounds: dict[Isolation, float]
    figure: Callable[[Figures, Isolation], float]
    unit: str = ""
    least: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target held against a run. bound: None where there is none, and so nothing to miss."""

    name: str
    isolation: Isolation
    figure: float
    bound: float | None
    unit: str
    least: bool

    @property
    def met(self) -> bool | None:
        """Say whether the target was met."""
        if self.bound is None:
            return None
        return self.figure >= self.bound if self.least else self.figure <= self.bound


def _trivial(pace: str, percent: float) -> Callable[[Figures, Isolation], float]:
    return lambda figures, isolation: figures.over_bare(f"{isolation} {pace}", percent)


TARGETS = (
    Target("trivial job, paced: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(PACED, 50)),
    Target("trivial job, paced: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(PACED, 95)),
    Target("trivial job, back to back: p50 over bare", {SLOT: 0.4, FRESH: 0.6}, _trivial(BACK_TO_BACK, 50)),
    Target("trivial job, back to back: p95 over bare", {SLOT: 0.9, FRESH: 1.5}, _trivial(BACK_TO_BACK, 95)),
    Target("moderate job: p50 over itself bare", {SLOT: 0.8, FRESH: 1.0}, Figures.moderate_over_itself),
    Target(
        "jobs per second over bare starts per second, the least of all concurrencies",
        {SLOT: 1.4, FRESH: 0.6},
        lambda figures, isolation: min(many.over_bare for many in figures.many(isolation).values()),
        least=True,
    ),
    Target(
        "8 at once: p95 over p50",
        {SLOT: 2.0, FRESH: 2.5},
        lambda figures, isolation: figures.many(isolation)[8].tail,
    ),
    Target(
        "CPU of a trivial job, all processes",
        {SLOT: 6.0},
        lambda figures, isolation: max(map(figures.cost[isolation].total, figures.cost[isolation].parts)),
        "ms",
    ),
    Target(
        "private memory of a warm child",
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
        "memory of everything `make run` starts, idle",
        {SLOT: 250.0, FRESH: 250.0},
        lambda figures, isolation: figures.memory[isolation].total,
        "MB",
    ),
    Target(
        "commands to Redis a job",
        {SLOT: 8.0, FRESH: 8.0},
        lambda figures, isolation: sum(figures.commands[isolation].sent.values()),
    ),
    Target(
        "requests answered of those that waited at once",
        {SLOT: 1.0},
        lambda figures, _: figures.held.answered / figures.held.asked,
        least=True,
    ),
)


def judged(figures: Figures) -> list[Verdict]:
    """RunningJob a run against the targets."""
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
